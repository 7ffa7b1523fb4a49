package import Digests

/// SHA-256 digests as 64 lowercase hexadecimal digits.
package enum SHA256Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The digest of some bytes.
    package static func digest(of bytes: [UInt8]) -> String { text(SHA256.hash(data: bytes)) }

    /// The digits of a digest.
    package static func text(_ digest: SHA256.Digest) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(64)
        for byte in digest.bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Whether a text has the form of a digest.
    static func isWellFormed(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
