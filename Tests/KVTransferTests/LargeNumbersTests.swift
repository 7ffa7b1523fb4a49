import Foundation
import KVTestSupport
import KVTransfer
import Testing

/// Numbers at the ends of their range, from manifests, checkpoints, lists and callers.
@Suite struct LargeNumbersTests {
    private static let edges: [Int] = [.min, -1, 0, 1, 1_000, 1 << 53, .max - 1, .max]

    @Test func `whatever a manifest claims can be estimated`() {
        for keys in Self.edges {
            for notText in Self.edges {
                for valueBytes in Self.edges {
                    let size = JobSize(keys: keys, notText: notText, valueBytes: valueBytes)
                    let (read, write) = (JobEstimate.reading(size), JobEstimate.writing(size))
                    let both = read + write + JobEstimate.listing(size) + JobEstimate.deleting(keys: keys)
                    #expect(both.requests.total >= 2, "\(size)")
                    #expect(both.seconds() >= 0 && both.dollars >= 0 && both.freeDays >= 0, "\(size)")
                }
            }
        }
        let most = JobEstimate.reading(again: ["bulk-get": .max, "key-list": .max, "value-get": .max])
        #expect((most + most).requests.total > 0)
        #expect(RequestFloor.reading(keys: .max) == 9_223_372_036_854_776 + 92_233_720_368_547_759)
        #expect(RequestFloor.writing(keys: .min) == 0)
    }

    @Test func `more values that are not text than keys are as many as keys`() {
        let size = JobSize(keys: 10, notText: .max, valueBytes: .max)
        #expect(JobEstimate.reading(size).requests.singleReads == 10)
        #expect(JobEstimate.reading(size).requests.bulkReads == 0)
    }

    @Test func `an expiration at either end can be shifted, and looked for`() async throws {
        let records = [
            KVRecord(key: "a", value: [], expiration: UnixTime(seconds: 1)),
            KVRecord(key: "b", value: [], expiration: UnixTime(seconds: .max)),
        ]
        let source = ArchiveRecordSource(try await madeArchive(records))
        for seconds in [Int64.min, -1, 0, 1, .max] {
            var steps = RecordSteps()
            steps.change.expiration = .shift(seconds: seconds)
            let shifted = try await steps.source(of: source)
            for moment in [Int64.min, 0, .max] { _ = shifted.mayExpire(before: UnixTime(seconds: moment)) }
            var keys = 0
            try await shifted.forEachBatch { keys += $0.count }
            #expect(keys == 2)
        }
    }

    @Test func `keys that are longer than any of KV's are counted by a mirror`() async throws {
        let long = String(repeating: "b", count: 70_000)
        let scripted = ScriptedNamespace(["a", long, "c"])
        let source = ArchiveRecordSource(try await madeArchive([KVRecord(key: "a", text: "value of a")]))
        try await withScriptedClient { request, _ in
            scripted.answer(request)
        } _: { client, _ in
            var options = ReplayJob.Options()
            options.onConflict = .mirror
            options.deletionsMaximum = .max
            options.isDryRun = true
            let target = Namespace(id: "0f2ac74b498b48028cb68387c421e279", title: "n")
            let report = try await ReplayJob(of: source, to: target, client: client, options: options).run()
            #expect(report.deleted == 2)
        }
    }

    @Test func `a backup of thousands of texts that are all read alone comes to its end`() async throws {
        let records = (0..<6_000).map { KVRecord(key: KVKey("k\(10_000 + $0)"), text: "v") }
        try await TestServer.withServer { test in
            try await test.load(records)
            let vault = MemoryVault()
            var options = BackupJob.Options(tool: someTool)
            options.isExact = true
            let report = try await BackupJob(of: test.namespace, client: test.client, to: vault, options: options).run()
            #expect(try await Archive.open(in: vault, at: report.path).allRecords() == records)
        }
    }

    @Test func `long keys that are named are looked for`() async throws {
        let long = KVKey(String(repeating: "b", count: 70_000))
        var builder = NamedKeys.Builder()
        for key in ["a", long, "c"] { try builder.append(key) }
        var selection = KeySelection()
        selection.named = try builder.finish()
        let records = ["a", "b", "c"].map { KVRecord(key: $0, text: "v") }
        let source = ArchiveRecordSource(try await madeArchive(records)).selecting(selection).records(after: nil)
        var keys: [KVKey] = []
        try await source.forEachBatch { keys += $0.map(\.key) }
        #expect(keys == ["a", "c"])
        #expect(source.holes.map(\.key) == [long])
    }
}

// MARK: - Checkpoints

extension LargeNumbersTests {
    /// A checkpoint's text with another number in it, and the digest that belongs to that.
    private static func changed(_ text: [UInt8], _ name: String, to number: Int) throws -> [UInt8] {
        let json = String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)
        let pattern = try Regex("\"\(name)\":-?[0-9]+")
        let other = json.replacing(pattern, with: "\"\(name)\":\(number)")
        try #require(other != json, "\(json) has no \(name)")
        return Array("\(other)\n\(SHA256Hex.digest(of: Array(other.utf8)))\n".utf8)
    }

    @Test(
        arguments: [
            ("runs", Int.max), ("savedAt", .min), ("savedAt", .max), ("startedAt", .min), ("keysListed", .max),
            ("keysVanished", -1), ("nextSegment", .max), ("records", .max), ("rawBytes", .max), ("bulk-get", .max),
        ] as [(String, Int)])
    func `a backup's checkpoint with a number that cannot be true is gone on from or thrown away`(
        name: String, number: Int
    ) async throws {
        let records = MixedRecords.records(count: 600, seed: 11)
        try await TestServer.withServer { test in
            try await test.load(records)
            let vault = MemoryVault()
            func job(_ stop: StopRequest?) -> BackupJob {
                var options = BackupJob.Options(tool: someTool)
                options.setCheckpointInterval(requests: 1)
                options.stop = stop
                return BackupJob(of: test.namespace, client: test.client, to: vault, options: options)
            }
            // Asked to stop as soon as something is read.
            let stop = StopRequest()
            let error = await failure { _ = try await job(stop).run { _ in stop.request() } }
            try #require((error as? TransferError)?.code == .interrupted)
            let path = try #require(vault.files.keys.first { $0.hasSuffix("checkpoint.json") })
            let text = try #require(vault.files[path])
            try await vault.write(try Self.changed(text, name, to: number), to: path, onExisting: .replace)
            let report = try await job(nil).run()
            #expect(report.isWhole)
            #expect(try await Archive.open(in: vault, at: report.path).allRecords() == records)
            #expect(!vault.files.keys.contains { $0.contains("unfinished") })
        }
    }

    @Test(
        arguments: [
            ("runs", Int.max), ("savedAt", .min), ("savedAt", .max), ("startedAt", .min), ("written", .max),
            ("writtenBytes", .max), ("kept", .max), ("expired", -1), ("lastWrittenExpiration", .min),
            ("bulk-write", .max),
        ] as [(String, Int)])
    func `a replay's checkpoint with a number that cannot be true is gone on from or thrown away`(
        name: String, number: Int
    ) async throws {
        let records = (0..<300).map { number in
            KVRecord(
                key: KVKey("k\(1_000 + number)"), value: [UInt8(number % 256)], expiration: UnixTime.now() + 86_400)
        }
        let source = ArchiveRecordSource(try await madeArchive(records))
        try await TestServer.withServer { test in
            let checkpoints = MemoryVault()
            func job(_ stop: StopRequest?, _ conflict: ReplayJob.Conflict) -> ReplayJob {
                var options = ReplayJob.Options()
                options.checkpoints = checkpoints
                options.chunkPairs = 100
                options.concurrency = 1
                options.stop = stop
                options.onConflict = conflict
                return ReplayJob(of: source, to: test.namespace, client: test.client, options: options)
            }
            let stop = StopRequest()
            let error = await failure { _ = try await job(stop, .refuse).run { _ in stop.request() } }
            try #require((error as? TransferError)?.code == .interrupted)
            let path = try #require(checkpoints.files.keys.first { $0.hasSuffix("checkpoint.json") })
            let text = try #require(checkpoints.files[path])
            try await checkpoints.write(try Self.changed(text, name, to: number), to: path, onExisting: .replace)
            // Without a checkpoint to be believed, what is there is not known to be the replay's own.
            let report = try await job(nil, .merge).run()
            #expect(report.isWhole)
            #expect(try await test.recordsReadOneByOne(in: test.namespace) == records)
            #expect(!checkpoints.files.keys.contains { $0.hasSuffix("checkpoint.json") })
        }
    }
}
