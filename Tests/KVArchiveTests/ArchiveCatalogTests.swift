import Foundation
import KVArchive
import Testing

@Suite struct ArchiveCatalogTests {
    @Test(arguments: [
        ("orders", "orders"), ("a-b_c.d9", "a-b_c.d9"), ("Orders", "%4frders"), (".", "%2e"), ("..", "%2e%2e"),
        (".hidden", "%2ehidden"), ("end.", "end%2e"), ("a/b", "a%2fb"), ("a%2fb", "a%252fb"), ("é", "%c3%a9"),
        ("\u{0}", "%00"), ("", "%"), (" ", "%20"),
    ]) func `a title gives one safe folder`(_ title: String, _ folder: String) {
        #expect(ArchiveCatalog.namespaceFolder(forTitle: title) == folder)
    }

    @Test func `long titles stay apart and within the limits of file systems`() {
        let titles = [
            String(repeating: "x", count: 512), String(repeating: "x", count: 511) + "y",
            String(repeating: "😀", count: 512), String(repeating: "X", count: 512),
        ]
        let folders = Set(titles.map(ArchiveCatalog.namespaceFolder(forTitle:)))
        #expect(folders.count == titles.count)
        #expect(folders.allSatisfy { $0.utf8.count <= 200 && $0 == $0.lowercased() })
    }

    @Test func `new archives of the same second get numbers`() async throws {
        let vault = MemoryVault()
        let time = UnixTime(seconds: 1_795_439_101)
        for number in 1...11 {
            let path = try await ArchiveCatalog.newArchivePath(title: "Ns", startedAt: time, in: vault)
            #expect(path == "%4es/2026-11-23T130501Z" + (number == 1 ? "" : "-\(number)"))
            try await write(lines("a"), in: vault, at: path)
        }
        #expect(try await ArchiveCatalog.resolve(in: vault, path: "Ns/latest") == "%4es/2026-11-23T130501Z-11")
    }

    @Test func `after the largest number comes the next second`() async throws {
        let vault = MemoryVault()
        let time = UnixTime(seconds: 1_795_439_101)
        vault.files["ns/2026-11-23T130501Z-\(Int.max)/manifest.json"] = [0x7B]
        let path = try await ArchiveCatalog.newArchivePath(title: "ns", startedAt: time, in: vault)
        #expect(path == "ns/2026-11-23T130502Z")
    }

    @Test(arguments: [0, 0.05, 1, 1e300, .infinity, .nan, -1]) func `a sample of any share has at least one part`(
        share: Double
    ) {
        var generator = SystemRandomNumberGenerator()
        guard case .parts(let parts) = VerificationDepth.sample(share, of: 40, using: &generator) else {
            Issue.record("no parts")
            return
        }
        #expect((1...40).contains(parts.count))
    }

    @Test func `the catalogue tells finished archives from others`() async throws {
        let vault = MemoryVault()
        try await write(lines("a"), in: vault, at: "%4frders/2026-11-23T130501Z")
        try await write(lines("a", "b"), in: vault, at: "%4frders/2026-11-24T000000Z")
        vault.files["%4frders/2026-11-25T000000Z/part-000000.ndjson.zst"] = [1]
        vault.files["%4frders/notes/x"] = [1]
        vault.files["other/file"] = [1]
        vault.files["readme"] = [1]

        let catalog = try await ArchiveCatalog.list(in: vault)
        #expect(catalog.namespaces.map(\.folder) == ["%4frders"])
        #expect(catalog.namespaces.first?.title == "Orders")
        let archives = try #require(catalog.namespaces.first?.archives)
        #expect(archives.map(\.isComplete) == [true, true, false])
        #expect(archives.map { $0.manifest?.totals.records } == [1, 2, nil])
        #expect(archives.last?.problem?.contains("did not finish") == true)

        for path in ["Orders/latest", "Orders", "%4frders", "%4frders/latest"] {
            #expect(try await ArchiveCatalog.resolve(in: vault, path: path) == "%4frders/2026-11-24T000000Z")
        }
        #expect(
            try await ArchiveCatalog.resolve(in: vault, path: "Orders/2026-11-23T130501Z")
                == "%4frders/2026-11-23T130501Z")
        for path in ["Orders/2026-11-23T130502Z", "nobody", "nobody/latest", "", "../x"] {
            await #expect { try await ArchiveCatalog.resolve(in: vault, path: path) } throws: {
                ArchiveError.Code.notFound ~= $0
            }
        }
    }

    @Test func `without a finished archive there is no latest`() async throws {
        let vault = MemoryVault()
        vault.files["ns/2026-11-25T000000Z/part-000000.ndjson.zst"] = [1]
        // A backup that looks a second time has no folder of its archive before it is done with that.
        vault.files["second/2026-11-25T000000Z.unfinished/read/part-000000.ndjson.zst"] = [1]
        for path in ["ns/latest", "second/latest", "second"] {
            await #expect { try await ArchiveCatalog.resolve(in: vault, path: path) } throws: {
                ArchiveError.Code.incomplete ~= $0
            }
        }
        vault.files["notes/x.unfinished/y"] = [1]
        let listed = try await ArchiveCatalog.list(in: vault).namespaces
        #expect(listed.map(\.folder) == ["ns", "second"] && listed.map(\.archives.count) == [1, 0])
    }

    @Test func `a path of the file system may name an archive, a namespace or the latest`() async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder + "/vault")
            for time in ["2026-11-23T130501Z", "2026-11-24T130501Z"] {
                try await write(lines(time), in: vault, at: "%4frders/\(time)")
            }
            let latest: KVKey = "2026-11-24T130501Z"
            for path in [
                "%4frders", "%4frders/latest", "Orders/latest", "Orders", "%4frders/2026-11-24T130501Z", "Orders//",
            ] {
                #expect(
                    try await Archive.open(path: "\(folder)/vault/\(path)").allLines().first?.key == latest, "\(path)")
            }
            let older = try await Archive.open(path: "\(folder)/vault/Orders/2026-11-23T130501Z")
            #expect(try await older.allLines().first?.key == "2026-11-23T130501Z")
            for path in ["", "nothing", "nothing/latest", "Orders/2020-01-01T000000Z"] {
                await #expect("\(path)") { try await Archive.open(path: "\(folder)/vault/\(path)") } throws: {
                    ArchiveError.Code.notFound ~= $0
                }
            }
            try FileManager.default.removeItem(atPath: folder + "/vault/%4frders/2026-11-24T130501Z/manifest.json")
            await #expect { try await Archive.open(path: "\(folder)/vault/%4frders/2026-11-24T130501Z") } throws: {
                ArchiveError.Code.incomplete ~= $0
            }
            #expect(
                try await Archive.open(path: "\(folder)/vault/Orders").allLines().first?.key == "2026-11-23T130501Z")
        }
    }
}
