import Foundation
import Glibc
import KVVault
import Testing

@Suite struct FolderVaultTests {
    private let files = FileManager.default

    @Test func `symbolic links inside the vault are not followed`() async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder + "/vault")
            try await vault.write([1], to: "real/file")
            try files.createDirectory(atPath: folder + "/outside", withIntermediateDirectories: true)
            try Data([9]).write(to: URL(filePath: folder + "/outside/secret"))
            try files.createSymbolicLink(atPath: folder + "/vault/link", withDestinationPath: folder + "/outside")
            try files.createSymbolicLink(
                atPath: folder + "/vault/real/alias", withDestinationPath: folder + "/outside/secret")

            await #expect { try await vault.read("link/secret", maximumBytes: 9) } throws: {
                VaultError.Code.notAFolder ~= $0
            }
            await #expect { try await vault.read("real/alias", maximumBytes: 9) } throws: {
                VaultError.Code.notAFile ~= $0
            }
            await #expect { try await vault.write([2], to: "link/new") } throws: { VaultError.Code.notAFolder ~= $0 }
            #expect(try await vault.contents(of: "").others == ["link"])
            #expect(try await vault.contents(of: "real").others == ["real/alias"])
            try await vault.removeFolder("real")
            #expect(try Data(contentsOf: URL(filePath: folder + "/outside/secret")) == Data([9]))
        }
    }

    @Test func `a pipe is refused without waiting for it`() async throws {
        try await withTemporaryFolder { folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            await #expect { try await FolderVault(path: folder).read("pipe", maximumBytes: 1) } throws: {
                VaultError.Code.notAFile ~= $0
            }
        }
    }

    @Test func `a file where the vault should be is named`() async throws {
        try await withTemporaryFolder { folder in
            try Data().write(to: URL(filePath: folder + "/file"))
            for path in ["/file", "/file/vault"] {
                await #expect { try await FolderVault(path: folder + path).write([1], to: "a") } throws: { error in
                    VaultError.Code.notAFolder ~= error && "\(error)".contains("\(folder)/file")
                }
            }
        }
    }

    @Test func `a full disk is told as such and leaves nothing`() async throws {
        // A limit on the size of files fails like a full disk, only at a place we can choose.
        let result = await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let folder = NSTemporaryDirectory() + "kvark-full-\(getpid())"
            let vault = FolderVault(path: folder)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
            do {
                try await vault.write([UInt8](repeating: 0, count: 2000), to: "a")
                exit(3)
            } catch VaultError.Code.noSpace {
                let isEmpty = try await vault.contents(of: "").isEmpty
                try? FileManager.default.removeItem(atPath: folder)
                exit(isEmpty ? 0 : 4)
            }
        }
        _ = result
    }

    @Test func `nothing but the file itself stays in the folder`() async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder)
            try await vault.write([1], to: "a")
            do { _ = try await vault.create("b", onExisting: .refuse) }
            try await vault.withLock(on: "") {}
            #expect(try files.contentsOfDirectory(atPath: folder) == ["a"])
        }
    }

    @Test func `a lock says who holds it`() async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder)
            _ = try await vault.withLock(on: "ns") {
                await #expect { try await vault.lock("ns") } throws: { "\($0)".contains("by process \(getpid()) on ") }
            }
        }
    }

    @Test func `a lock that its owner left behind is free`() async throws {
        try await withTemporaryFolder { folder in
            try Data("process 1 on elsewhere\n".utf8).write(to: URL(filePath: folder + "/.kvark-lock"))
            try await FolderVault(path: folder).withLock(on: "") {}
        }
    }

    @Test func `removing a folder takes links and temporary files, not what links point to`() async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder + "/vault")
            try await vault.write([1], to: "a/b/c")
            try Data().write(to: URL(filePath: folder + "/vault/a/.kvark-1.tmp"))
            try files.createSymbolicLink(atPath: folder + "/vault/a/up", withDestinationPath: folder)
            try await vault.removeFolder("a")
            #expect(try files.contentsOfDirectory(atPath: folder) == ["vault"])
            #expect(try files.contentsOfDirectory(atPath: folder + "/vault").isEmpty)
        }
    }
}
