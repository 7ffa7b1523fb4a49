import CCrypto

/// A SHA-256 digest (FIPS 180-4) that is made piece by piece; a copy goes its own way from where it was taken.
package struct SHA256: Sendable {
    /// The 32 bytes of a digest.
    package struct Digest: Sendable, Hashable {
        /// The bytes, always 32.
        package let bytes: [UInt8]
    }

    /// The library's state.
    private final class Context: @unchecked Sendable {  // Changed only by a digest that alone refers to it.
        let raw: OpaquePointer

        init() {
            guard let raw = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
            self.raw = raw
        }

        func copy() -> Context {
            let copy = Context()
            SHA256.expect(EVP_MD_CTX_copy_ex(copy.raw, raw))
            return copy
        }

        deinit { EVP_MD_CTX_free(raw) }
    }

    /// A context with nothing in it yet, made once: to look for the algorithm takes as long as to digest a kilobyte.
    private static let fresh: Context = {
        expect(kvark_crypto_start())
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("libcrypto has no SHA-256: is OpenSSL's configuration restricted?")
        }
        let context = Context()
        expect(EVP_DigestInit_ex2(context.raw, algorithm, nil))
        return context
    }()

    private var context = fresh

    /// The digest of nothing.
    package init() {}

    /// The digest of some bytes.
    package static func hash(data: [UInt8]) -> Digest {
        var hash = SHA256()
        hash.update(data: data)
        return hash.finalize()
    }

    /// Adds bytes.
    package mutating func update(data: [UInt8]) { data.withUnsafeBytes { update(bufferPointer: $0) } }

    /// Adds bytes.
    package mutating func update(bufferPointer: UnsafeRawBufferPointer) {
        guard !bufferPointer.isEmpty else { return }
        if !isKnownUniquelyReferenced(&context) { context = context.copy() }
        Self.expect(EVP_DigestUpdate(context.raw, bufferPointer.baseAddress, bufferPointer.count))
    }

    /// The digest of all that was added so far; more may be added afterwards.
    package func finalize() -> Digest {
        let end = context.copy()
        return Digest(
            bytes: [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
                Self.expect(EVP_DigestFinal_ex(end.raw, buffer.baseAddress, nil))
                count = 32
            })
    }

    /// Ends the process where the library has no memory: a digest that is wrong would be worse.
    private static func expect(_ result: Int32) {
        precondition(result == 1, "libcrypto cannot make a SHA-256 digest")
    }
}
