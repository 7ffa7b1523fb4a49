import Foundation
import KVVault
import Testing

/// The rules of ``Vault``, proven for every implementation.
@Suite struct VaultConformanceTests {
    enum Kind: CaseIterable { case folder, memory }

    /// Runs a test with an empty vault of a kind.
    private func withVault(_ kind: Kind, _ body: (any Vault) async throws -> Void) async throws {
        switch kind {
        case .memory: try await body(MemoryVault())
        case .folder: try await withTemporaryFolder { try await body(FolderVault(path: $0 + "/a/vault")) }
        }
    }

    @Test(arguments: Kind.allCases) func `a file is read as it was written, from any offset`(_ kind: Kind) async throws
    {
        try await withVault(kind) { vault in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
            let writer = try await vault.create("x/y/file", onExisting: .refuse)
            try await writer.write(Array(bytes[..<1000]))
            try await writer.write(Array(bytes[1000...]))
            try await writer.publish()

            #expect(try await vault.read("x/y/file", maximumBytes: bytes.count) == bytes)
            let reader = try await vault.open("x/y/file", from: 2_999_990)
            #expect(reader.bytes == bytes.count)
            #expect(try await reader.read(maximumBytes: 4) == Array(bytes[2_999_990..<2_999_994]))
            #expect(try await reader.read(maximumBytes: 100) == Array(bytes[2_999_994...]))
            #expect(try await reader.read(maximumBytes: 100).isEmpty)
            #expect(try await vault.open("x/y/file", from: 9_000_000).read(maximumBytes: 1).isEmpty)
        }
    }

    @Test(arguments: Kind.allCases) func `a file cannot be seen before it is published`(_ kind: Kind) async throws {
        try await withVault(kind) { vault in
            let writer = try await vault.create("f/a", onExisting: .refuse)
            try await writer.write([1])
            #expect(try await vault.contents(of: "f").isEmpty)
            await #expect { try await vault.read("f/a", maximumBytes: 1) } throws: { VaultError.Code.notFound ~= $0 }
            try await writer.publish()
            #expect(try await vault.contents(of: "f").files == [VaultFile(name: "f/a", bytes: 1)])
        }
    }

    @Test(arguments: Kind.allCases) func `an abandoned file leaves nothing`(_ kind: Kind) async throws {
        try await withVault(kind) { vault in
            let writer = try await vault.create("a", onExisting: .refuse)
            try await writer.write([1])
            await writer.abandon()
            await writer.abandon()
            #expect(try await vault.contents(of: "").isEmpty)
        }
    }

    @Test(arguments: Kind.allCases) func `of two writers one publishes, unless it is to replace`(_ kind: Kind)
        async throws
    {
        try await withVault(kind) { vault in
            let first = try await vault.create("a", onExisting: .refuse)
            let second = try await vault.create("a", onExisting: .refuse)
            try await first.write([1])
            try await second.write([2])
            try await second.publish()
            await #expect { try await first.publish() } throws: { VaultError.Code.exists ~= $0 }
            #expect(try await vault.read("a", maximumBytes: 9) == [2])
            try await vault.write([3], to: "a", onExisting: .replace)
            #expect(try await vault.read("a", maximumBytes: 9) == [3])
        }
    }

    @Test(arguments: Kind.allCases) func `a listing is sorted by bytes and goes one level deep`(_ kind: Kind)
        async throws
    {
        try await withVault(kind) { vault in
            for name in ["é", "b/x", "b/c/d/e", "a", "Z", "b/a", "ab"] { try await vault.write([0], to: name) }
            let all = try await vault.contents(of: "")
            #expect(all.files.map(\.name) == ["Z", "a", "ab", "é"])
            #expect(all.folders == ["b"])
            #expect(try await vault.contents(of: "b").files.map(\.name) == ["b/a", "b/x"])
            #expect(try await vault.contents(of: "b").folders == ["b/c"])
            #expect(try await vault.contents(of: "nothing/here").isEmpty)
        }
    }

    @Test(arguments: Kind.allCases) func `removing may be repeated and takes empty folders along`(_ kind: Kind)
        async throws
    {
        try await withVault(kind) { vault in
            for name in ["a/b/c", "a/d", "e/f/g", "e/h"] { try await vault.write([0], to: name) }
            try await vault.remove("a/b/c")
            try await vault.remove("a/b/c")
            #expect(try await vault.contents(of: "a").folders.isEmpty)
            try await vault.remove("a/d")
            try await vault.removeFolder("e")
            try await vault.removeFolder("e")
            #expect(try await vault.contents(of: "").isEmpty)
        }
    }

    @Test(arguments: Kind.allCases) func `files and folders are not taken for each other`(_ kind: Kind) async throws {
        try await withVault(kind) { vault in
            try await vault.write([0], to: "a/b")
            await #expect { try await vault.read("a", maximumBytes: 1) } throws: { VaultError.Code.notAFile ~= $0 }
            await #expect { try await vault.contents(of: "a/b") } throws: { VaultError.Code.notAFolder ~= $0 }
            await #expect { try await vault.write([1], to: "a/b/c") } throws: { VaultError.Code.notAFolder ~= $0 }
        }
    }

    @Test(arguments: Kind.allCases) func `a file larger than the caller allows is not read`(_ kind: Kind) async throws {
        try await withVault(kind) { vault in
            try await vault.write([1, 2, 3], to: "a")
            #expect(try await vault.read("a", maximumBytes: 3) == [1, 2, 3])
            await #expect { try await vault.read("a", maximumBytes: 2) } throws: { VaultError.Code.tooLarge ~= $0 }
        }
    }

    @Test(
        arguments: Kind.allCases,
        [
            "", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\0b", ".kvark-lock", "a/.kvark-x",
            String(repeating: "n", count: 256),
        ])
    func `names that could lead astray are refused`(_ kind: Kind, _ name: String) async throws {
        try await withVault(kind) { vault in
            func isUnsafe(_ error: any Error) -> Bool { VaultError.Code.unsafeName ~= error }
            await #expect { try await vault.write([1], to: name) } throws: { isUnsafe($0) }
            await #expect { try await vault.read(name, maximumBytes: 1) } throws: { isUnsafe($0) }
            await #expect { try await vault.remove(name) } throws: { isUnsafe($0) }
            await #expect { try await vault.removeFolder(name) } throws: { isUnsafe($0) }
        }
    }

    @Test(arguments: Kind.allCases) func `a lock keeps others out until it is given back`(_ kind: Kind) async throws {
        try await withVault(kind) { vault in
            let lock = try await vault.lock("ns")
            await #expect { try await vault.lock("ns") } throws: { VaultError.Code.locked ~= $0 }
            try await vault.withLock(on: "other") {}
            await lock.release()
            await lock.release()
            _ = try await vault.withLock(on: "ns") {
                await #expect { try await vault.lock("ns") } throws: { VaultError.Code.locked ~= $0 }
            }
            try await vault.withLock(on: "ns") {}
            #expect(try await vault.contents(of: "ns").isEmpty)
        }
    }
}

/// Lends a folder that is removed afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let path = NSTemporaryDirectory() + "kvark-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
}
