import KVServer
import KVTestSupport
import KVTransfer
import Synchronization
import Testing

/// What is done with a namespace that has keys.
@Suite struct TargetPolicyTests {
    private static let far = UnixTime(seconds: 4_000_000_000)

    private static let source = [
        KVRecord(key: "a", text: "1"),
        KVRecord(key: "b", text: "1"),
        KVRecord(key: "c", value: [0xFF, 0x00], metadata: try? KVMetadata(json: "{\"n\":1.0}")),
        KVRecord(key: "d", text: "1", expiration: far),
        KVRecord(key: "e", text: "1"),
        KVRecord(key: "é😀/..", text: ""),
    ]

    /// What a namespace may have before.
    enum Before: CaseIterable {
        case empty, equal, overlapping, disjoint

        var records: [KVRecord] {
            switch self {
            case .empty: []
            case .equal: TargetPolicyTests.source
            case .overlapping:
                [
                    KVRecord(key: "a", text: "1"),
                    KVRecord(key: "aa", text: "only here"),
                    KVRecord(key: "b", text: "2"),
                    KVRecord(key: "c", value: [0xFF, 0x00], metadata: try? KVMetadata(json: "{\"n\":1}")),
                    KVRecord(key: "d", text: "1", expiration: TargetPolicyTests.far + 1),
                    KVRecord(key: "z", text: "only here"),
                ]
            case .disjoint: ["A", "m", "z"].map { KVRecord(key: $0, text: "only here") }
            }
        }
    }

    enum Policy: CaseIterable {
        case merge, keepExisting, mirror, mergeDifferences, mirrorDifferences

        func apply(to options: inout ReplayJob.Options) {
            switch self {
            case .merge, .mergeDifferences: options.onConflict = .merge
            case .keepExisting: options.onConflict = .keepExisting
            case .mirror, .mirrorDifferences: options.onConflict = .mirror
            }
            options.isDifferential = self == .mergeDifferences || self == .mirrorDifferences
            options.deletionsMaximum = .max
        }
    }

    struct Expected: Equatable {
        var written: Int
        var kept = 0
        var unchanged = 0
        var deleted = 0
    }

    private static func expected(_ policy: Policy, _ before: Before) -> Expected {
        switch (policy, before) {
        case (_, .empty): Expected(written: 6)
        case (.merge, _): Expected(written: 6)
        case (.keepExisting, .equal): Expected(written: 0, kept: 6)
        case (.keepExisting, .overlapping): Expected(written: 2, kept: 4)
        case (.keepExisting, .disjoint): Expected(written: 6)
        case (.mirror, .equal): Expected(written: 6)
        case (.mirror, .overlapping): Expected(written: 6, deleted: 2)
        case (.mirror, .disjoint): Expected(written: 6, deleted: 3)
        case (.mergeDifferences, .equal): Expected(written: 0, unchanged: 6)
        case (.mergeDifferences, .overlapping): Expected(written: 5, unchanged: 1)
        case (.mergeDifferences, .disjoint): Expected(written: 6)
        case (.mirrorDifferences, .equal): Expected(written: 0, unchanged: 6)
        case (.mirrorDifferences, .overlapping): Expected(written: 5, unchanged: 1, deleted: 2)
        case (.mirrorDifferences, .disjoint): Expected(written: 6, deleted: 3)
        }
    }

    /// What the namespace must have afterwards, worked out with dictionaries.
    private static func contents(_ policy: Policy, _ before: Before) -> [KVRecord] {
        let old = Dictionary(uniqueKeysWithValues: before.records.map { ($0.key, $0) })
        let new = Dictionary(uniqueKeysWithValues: source.map { ($0.key, $0) })
        let both =
            switch policy {
            case .merge, .mergeDifferences: old.merging(new) { $1 }
            case .keepExisting: old.merging(new) { kept, _ in kept }
            case .mirror, .mirrorDifferences: new
            }
        return both.values.sorted { $0.key < $1.key }
    }

    @Test(arguments: Policy.allCases, Before.allCases)
    func `each policy writes, keeps and deletes exactly what it says`(policy: Policy, before: Before) async throws {
        try await TestServer.withServer { test in
            try await test.load(before.records)
            let origin = try await test.client.createNamespace(title: "origin")
            try await test.load(Self.source, into: origin)
            let sources: [any ResumableSource] = [
                ArchiveRecordSource(try await madeArchive(Self.source)), NamespaceSource(origin, client: test.client),
            ]
            for (index, source) in sources.enumerated() {
                let target = try await test.client.createNamespace(title: "target \(index)")
                try await test.load(before.records, into: target)
                var options = ReplayJob.Options()
                policy.apply(to: &options)
                options.isDryRun = true
                let announced = try await ReplayJob(of: source, to: target, client: test.client, options: options).run()
                #expect(try await test.recordsReadOneByOne(in: target) == before.records.sorted { $0.key < $1.key })

                options.isDryRun = false
                let report = try await ReplayJob(of: source, to: target, client: test.client, options: options).run()
                for report in [announced, report] {
                    let found = Expected(
                        written: report.written, kept: report.kept, unchanged: report.unchanged, deleted: report.deleted
                    )
                    #expect(found == Self.expected(policy, before), "\(source.name)")
                    #expect(report.isWhole)
                }
                #expect(try await test.recordsReadOneByOne(in: target) == Self.contents(policy, before))
            }
        }
    }

    @Test(arguments: Before.allCases)
    func `without a policy, only an empty namespace is written to`(before: Before) async throws {
        try await TestServer.withServer { test in
            try await test.load(before.records)
            let source = ArchiveRecordSource(try await madeArchive(Self.source))
            let error = await failure {
                _ = try await ReplayJob(of: source, to: test.namespace, client: test.client).run()
            }
            #expect((error as? TransferError)?.code == (before == .empty ? nil : .targetNotEmpty))
            let after = before == .empty ? Self.source : before.records
            #expect(try await test.recordsReadOneByOne(in: test.namespace) == after.sorted { $0.key < $1.key })
        }
    }

    @Test func `a differential restore of 100,000 records with 100 changed writes 100, and reads the floor`()
        async throws
    {
        let records = (0..<100_000).map { KVRecord(key: KVKey("k\(100_000 + $0)"), text: "value \($0)") }
        try await TestServer.withServer { test in
            let archive = try await madeArchive(records)
            let changed = stride(from: 0, to: 100_000, by: 1_000).map {
                KVRecord(key: records[$0].key, text: "changed")
            }
            let byKey = Dictionary(uniqueKeysWithValues: changed.map { ($0.key, $0) })
            try await test.load(records.map { byKey[$0.key] ?? $0 })
            let before = test.server.requestCounts
            var options = ReplayJob.Options()
            options.onConflict = .merge
            options.isDifferential = true
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options
            ).run()
            #expect(report.written == 100 && report.unchanged == 99_900)
            let sent = test.server.requestCounts.merging(before) { $0 - $1 }.filter { $0.value > 0 }
            #expect(sent == [.keysList: 100, .bulkGet: 1_000, .bulkPut: 1])
        }
    }

    /// Runs a replay that is stopped half-way, does something to the namespaces, and runs it again.
    private static func stopHalfWay(
        _ source: any ResumableSource, _ test: TestServer, _ policy: Policy?, _ meanwhile: () async throws -> Void
    ) async throws -> ReplayReport {
        let stop = StopRequest()
        var options = ReplayJob.Options()
        policy?.apply(to: &options)
        options.checkpoints = MemoryVault()
        options.chunkPairs = 100
        options.concurrency = 1
        options.stop = stop
        let first = ReplayJob(of: source, to: test.namespace, client: test.client, options: options)
        let error = await failure { _ = try await first.run { if $0.records > 300 { stop.request() } } }
        #expect((error as? TransferError)?.code == .interrupted)
        try await meanwhile()
        options.stop = nil
        return try await ReplayJob(of: source, to: test.namespace, client: test.client, options: options).run()
    }

    private static let thousand = (0..<1_000).map { KVRecord(key: KVKey("k\(1_000 + $0)"), text: "v") }

    @Test(arguments: [Policy.keepExisting, .mergeDifferences, .mirrorDifferences])
    func `what a live source gets while a copy of differences is interrupted is not missed`(
        policy: Policy
    ) async throws {
        try await TestServer.withServer { test in
            let origin = try await test.client.createNamespace(title: "origin")
            try await test.load(Self.thousand, into: origin)
            let source = NamespaceSource(origin, client: test.client)
            let report = try await Self.stopHalfWay(source, test, policy) {
                try await test.load([KVRecord(key: "a", text: "new")], into: origin)
            }
            #expect(report.isWhole)
            let first = try await test.recordsReadOneByOne(in: test.namespace).first
            #expect(first == KVRecord(key: "a", text: "new"))
        }
    }

    @Test func `a copy that is interrupted goes on although its source has lost a key since`() async throws {
        try await TestServer.withServer { test in
            let origin = try await test.client.createNamespace(title: "origin")
            try await test.load(Self.thousand, into: origin)
            let source = NamespaceSource(origin, client: test.client)
            let report = try await Self.stopHalfWay(source, test, nil) {
                try await test.client.delete("k1000", in: origin.id)
            }
            #expect(report.runs == 2 && report.written == 1_000)
            #expect(try await test.recordsReadOneByOne(in: test.namespace) == Self.thousand)
        }
    }

    @Test func `an unfinished copy is no leave to write over what others have written since`() async throws {
        try await TestServer.withServer { test in
            let origin = try await test.client.createNamespace(title: "origin")
            try await test.load(Self.thousand, into: origin)
            let source = NamespaceSource(origin, client: test.client)
            // All that the copy had written goes, and somebody else comes.
            let other = KVRecord(key: "k1500", text: "not ours")
            let error = await failure {
                _ = try await Self.stopHalfWay(source, test, nil) {
                    _ = try await test.client.bulkDelete(Self.thousand.map(\.key), in: test.namespace.id)
                    try await test.load([KVRecord(key: "a", text: "not ours"), other])
                }
            }
            #expect((error as? TransferError)?.code == .targetNotEmpty)
            #expect(try await test.recordsReadOneByOne(in: test.namespace).last == other)
        }
    }

    @Test func `a key of others behind the last one that was copied stops a copy that goes on`() async throws {
        try await TestServer.withServer { test in
            let origin = try await test.client.createNamespace(title: "origin")
            try await test.load(Self.thousand, into: origin)
            let source = NamespaceSource(origin, client: test.client)
            let error = await failure {
                _ = try await Self.stopHalfWay(source, test, nil) {
                    try await test.load([KVRecord(key: "k1990x", text: "not ours")])
                }
            }
            #expect((error as? TransferError)?.code == .targetNotEmpty)
        }
    }

    @Test func `what was begun as a merge is not gone on from without leave to merge`() async throws {
        try await TestServer.withServer { test in
            try await test.load([KVRecord(key: "k1900", text: "not ours")])
            let source = ArchiveRecordSource(try await madeArchive(Self.thousand))
            let (stop, checkpoints) = (StopRequest(), MemoryVault())
            var options = ReplayJob.Options()
            options.checkpoints = checkpoints
            options.onConflict = .merge
            options.chunkPairs = 100
            options.concurrency = 1
            options.stop = stop
            let merge = ReplayJob(of: source, to: test.namespace, client: test.client, options: options)
            _ = await failure { _ = try await merge.run { if $0.records > 300 { stop.request() } } }
            options.stop = nil
            options.onConflict = .refuse
            let refusing = ReplayJob(of: source, to: test.namespace, client: test.client, options: options)
            #expect((await failure { _ = try await refusing.run() } as? TransferError)?.code == .targetNotEmpty)
            let kept = try await test.client.value(of: "k1900", in: test.namespace.id)
            #expect(kept?.bytes == Array("not ours".utf8))
        }
    }

    @Test(arguments: [Policy.keepExisting, .mergeDifferences])
    func `a namespace that is emptied while a restore of differences is interrupted is filled again`(
        policy: Policy
    ) async throws {
        // The first checkpoint comes after ten thousand keys that need not be written.
        let records = (0..<15_000).map { KVRecord(key: KVKey("k\(10_000 + $0)"), text: "v") }
        try await TestServer.withServer { test in
            try await test.load(records)
            let source = ArchiveRecordSource(try await madeArchive(records))
            let report = try await Self.stopHalfWay(source, test, policy) {
                let keys = records.map(\.key)
                for start in [0, 10_000] {
                    _ = try await test.client.bulkDelete(
                        Array(keys[start..<min(start + 10_000, keys.count)]), in: test.namespace.id)
                }
            }
            #expect(report.written == 15_000)
            #expect(try await test.client.keyPage(in: test.namespace.id, prefix: "k10000", limit: 10).keys.count == 1)
        }
    }

    @Test(arguments: [Policy.keepExisting, .mirrorDifferences])
    func `a replay that was stopped counts on where it was`(policy: Policy) async throws {
        let records = (0..<30_000).map { KVRecord(key: KVKey("k\(10_000 + $0)"), text: "v") }
        try await TestServer.withServer { test in
            let archive = try await madeArchive(records)
            try await test.load(records.enumerated().filter { $0.offset % 3 != 0 }.map(\.element))
            try await test.load([KVRecord(key: "other", text: "o")])
            let stop = StopRequest()
            var options = ReplayJob.Options()
            policy.apply(to: &options)
            options.checkpoints = MemoryVault()
            options.stop = stop
            options.chunkPairs = 500
            let job = ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options)
            let error = await failure { _ = try await job.run { if $0.records > 8_000 { stop.request() } } }
            #expect((error as? TransferError)?.code == .interrupted)
            options.stop = nil
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options
            ).run()
            #expect(report.runs == 2)
            #expect(report.written == 10_000)
            #expect(report.kept + report.unchanged == 20_000)
            #expect(report.deleted == (policy == .keepExisting ? 0 : 1))
        }
    }
}
