import KVTestSupport
import KVTransfer
import Testing

/// Restores of archives that are not what was written.
@Suite struct DamagedArchiveTests {
    private static let target = Namespace(id: "0f2ac74b498b48028cb68387c421e279", title: "n")

    private static func files() async throws -> [String: [UInt8]] {
        let vault = MemoryVault()
        var options = ArchiveOptions()
        options.frameBytes = 60
        options.partBytes = 120
        let lines = ["a", "b", "c", "d"].map { RecordLine(KVRecord(key: KVKey($0), text: "value of \($0)")) }
        _ = try await withArchiveWriter(in: vault, at: "x", options: options) { writer in
            try await writer.append(lines)
            return ArchiveProvenance(tool: someTool, startedAt: UnixTime(seconds: 1_795_439_101))
        }
        return vault.files
    }

    /// Whether a restore of these files ends with an error.
    private static func isRefused(_ files: [String: [UInt8]], _ client: KVClient) async -> Bool {
        let vault = MemoryVault()
        vault.files = files
        return await failure {
            let archive = try await Archive.open(in: vault, at: "x")
            _ = try await ReplayJob(of: ArchiveRecordSource(archive), to: target, client: client).run()
        } != nil
    }

    @Test func `whatever bit is flipped, nothing is sent`() async throws {
        let files = try await Self.files()
        try await withScriptedClient { request, _ in
            request.method == "GET" ? .keyList() : .success()
        } _: { client, server in
            for (name, bytes) in files {
                for bit in 0..<bytes.count * 8 {
                    var damaged = files
                    damaged[name]?[bit / 8] ^= 1 << UInt8(bit % 8)
                    #expect(await Self.isRefused(damaged, client), "\(name) bit \(bit)")
                }
            }
            #expect(server.requests.isEmpty)
            #expect(await !Self.isRefused(files, client))
            #expect(!server.requests.isEmpty)
        }
    }

    @Test func `whatever file is cut, longer, missing or another, nothing is sent`() async throws {
        let files = try await Self.files()
        try await withScriptedClient { request, _ in
            request.method == "GET" ? .keyList() : .success()
        } _: { client, server in
            for (name, bytes) in files {
                var changes: [[UInt8]?] = (0..<bytes.count).map { Array(bytes[..<$0]) }
                changes += [nil, bytes + [0], bytes + bytes]
                changes += files.filter { $0.key != name }.map(\.value)
                for change in changes {
                    var damaged = files
                    damaged[name] = change
                    #expect(await Self.isRefused(damaged, client), "\(name) \(change?.count ?? -1)")
                }
            }
            #expect(server.requests.isEmpty)
        }
    }
}
