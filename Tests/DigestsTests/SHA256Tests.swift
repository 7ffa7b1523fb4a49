import Digests
import Foundation
import Testing

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `the digests of FIPS 180 come out`(message: String, digest: String) {
        #expect(hexadecimal(SHA256.hash(data: Array(message.utf8))) == digest)
    }

    @Test func `the digest of a million letters comes out`() {
        let digest = SHA256.hash(data: [UInt8](repeating: 0x61, count: 1_000_000))
        #expect(hexadecimal(digest) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `it makes no difference how bytes are cut into pieces`() {
        let message = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for size in [1, 3, 55, 56, 63, 64, 65, 4_096] {
            var hash = SHA256()
            for start in stride(from: 0, to: message.count, by: size) {
                hash.update(data: Array(message[start..<min(start + size, message.count)]))
                hash.update(data: [])
            }
            #expect(hash.finalize() == SHA256.hash(data: message), "pieces of \(size)")
        }
    }

    @Test func `a copy goes its own way, and a digest can be taken in between`() {
        var one = SHA256()
        one.update(data: Array("a".utf8))
        var other = one
        other.update(data: Array("x".utf8))
        let early = one.finalize()
        one.update(data: Array("bc".utf8))
        #expect(early == SHA256.hash(data: Array("a".utf8)))
        #expect(one.finalize() == SHA256.hash(data: Array("abc".utf8)))
        #expect(other.finalize() == SHA256.hash(data: Array("ax".utf8)))
        #expect(SHA256().finalize() == SHA256.hash(data: []), "what others add must not reach a fresh one")
    }

    @Test func `sha256sum agrees on random lengths, from many tasks at once`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvark-digests-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var expected: [String: String] = [:]
        for length in [0, 1, 63, 64, 65, 1_000, 100_003] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ length) }
            try Data(bytes).write(to: folder.appending(path: "\(length)"))
            expected["\(length)"] = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { hexadecimal(SHA256.hash(data: bytes)) } }
                var all: Set<String> = []
                for try await digest in group { all.insert(digest) }
                #expect(all.count == 1)
                return all.joined()
            }
        }
        let sums = expected.map { "\($0.value)  \($0.key)\n" }.joined()
        try Data(sums.utf8).write(to: folder.appending(path: "SHA256SUMS"))
        let check = Process()
        check.executableURL = URL(filePath: "/usr/bin/env")
        check.arguments = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
        check.currentDirectoryURL = folder
        try check.run()
        check.waitUntilExit()
        #expect(check.terminationStatus == 0)
    }

    private func hexadecimal(_ digest: SHA256.Digest) -> String {
        digest.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
