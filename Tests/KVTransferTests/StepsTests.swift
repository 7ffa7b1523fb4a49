import KVServer
import KVTestSupport
import KVTransfer
import Testing

/// What happens to records between their source and a namespace.
@Suite struct StepsTests {
    private static let far = UnixTime(seconds: 4_200_000_000)

    private static func selection(
        prefix: KVKey = "", match: [String] = [], exclude: [String] = [], named: [KVKey]? = nil
    ) throws -> KeySelection {
        var selection = KeySelection()
        selection.prefix = prefix
        selection.matching = try match.map { try KeyGlob($0) }
        selection.excluding = try exclude.map { try KeyGlob($0) }
        if let named {
            var keys = NamedKeys.Builder()
            for key in named { try keys.append(key) }
            selection.named = try keys.finish()
        }
        return selection
    }

    private static func steps(_ selection: KeySelection) -> RecordSteps {
        var steps = RecordSteps()
        steps.selection = selection
        return steps
    }

    private static func records(_ keys: KVKey...) -> [KVRecord] { keys.map { KVRecord(key: $0, text: $0.string) } }

    /// The records as an archive and as a live namespace.
    private static func sources(_ records: [KVRecord], _ test: TestServer) async throws -> [any ResumableSource] {
        let origin = try await test.client.createNamespace(title: "origin")
        try await test.load(records, into: origin)
        return [
            ArchiveRecordSource(try await madeArchive(records)), NamespaceSource(origin, client: test.client),
        ]
    }

    /// Replays a source with steps into a new namespace; what is in it then, and the report.
    private static func replay(
        _ source: any ResumableSource, _ steps: RecordSteps, _ test: TestServer, title: String,
        adjust: (inout ReplayJob.Options) -> Void = { _ in }
    ) async throws -> (records: [KVRecord], report: ReplayReport) {
        let target = try await test.client.createNamespace(title: title)
        var options = ReplayJob.Options()
        adjust(&options)
        let stepped = try await steps.source(of: source)
        let report = try await ReplayJob(of: stepped, to: target, client: test.client, options: options).run()
        return (try await test.recordsReadOneByOne(in: target), report)
    }

    /// Stops a replay once so many records are written, and runs it again.
    ///
    /// - Returns: The report of the second run, and how many bulk writes that took.
    private static func replayInTwoRuns(
        _ test: TestServer, after records: Int, chunkPairs: Int, _ source: () async throws -> any ResumableSource
    ) async throws -> (report: ReplayReport, writes: Int) {
        var options = ReplayJob.Options()
        options.checkpoints = MemoryVault()
        options.chunkPairs = chunkPairs
        options.concurrency = 1
        let stop = StopRequest()
        options.stop = stop
        let stopped = ReplayJob(of: try await source(), to: test.namespace, client: test.client, options: options)
        let error = await failure { _ = try await stopped.run { if $0.records >= records { stop.request() } } }
        #expect((error as? TransferError)?.code == .interrupted)
        options.stop = nil
        let writes = test.requests(.bulkPut)
        let again = ReplayJob(of: try await source(), to: test.namespace, client: test.client, options: options)
        let report = try await again.run()
        return (report, test.requests(.bulkPut) - writes)
    }

    // MARK: Selecting

    @Test(arguments: Seed.several(3)) func `of the oddest records, just those are taken that a plain filter takes`(
        seed: Seed
    ) async throws {
        let records = EdgeRecords.records(count: 700, seed: seed.value)
        let some = stride(from: 0, to: 700, by: 9).map { records[$0].key }
        let start = KVKey(String(records[350].key.string.unicodeScalars.first.map(Character.init) ?? "k"))
        let globs = try (any: KeyGlob("*[a-m]*"), none: KeyGlob("*[0-9]"))
        let choices: [(KeySelection, (KVKey) -> Bool)] = [
            (try Self.selection(prefix: start), { $0.hasPrefix(start) }),
            (
                try Self.selection(match: ["*[a-m]*"], exclude: ["*[0-9]"]),
                {
                    globs.any.matches($0) && !globs.none.matches($0)
                }
            ),
            (try Self.selection(named: some), { some.contains($0) }),
            (try Self.selection(exclude: ["*"]), { _ in false }),
        ]
        try await TestServer.withServer { test in
            let sources = try await Self.sources(records, test)
            for (number, (selection, isTaken)) in choices.enumerated() {
                let expected = records.filter { isTaken($0.key) }
                for (index, source) in sources.enumerated() {
                    let (found, report) = try await Self.replay(
                        source, Self.steps(selection), test, title: "\(number) \(index)")
                    #expect(found == expected, "\(number), \(source.name)")
                    #expect(report.written == expected.count && report.isWhole)
                }
            }
        }
    }

    @Test func `values of keys that are not taken are not read`() async throws {
        try await TestServer.withServer { test in
            try await test.load((0..<3_000).map { KVRecord(key: KVKey("k\(1_000 + $0)"), text: "v") })
            let whole = NamespaceSource(test.namespace, client: test.client)
            let named = (0..<150).map { KVKey("k\(1_500 + $0)") }
            let stepped = try await Self.steps(Self.selection(named: named)).source(of: whole)
            let lists = test.requests(.keysList)
            let reads = test.requests(.bulkGet)
            var count = 0
            try await stepped.forEachBatch { count += $0.count }
            #expect(count == 150)
            // Two bulk reads for 150 keys; the list begins with what they have in common, and is left behind the last.
            #expect(test.requests(.bulkGet) - reads <= 3)
            #expect(test.requests(.keysList) - lists == 1)
        }
    }

    @Test func `keys that are named and not there are named again`() async throws {
        try await TestServer.withServer { test in
            let records = Self.records("a", "c", "e")
            let selection = try Self.selection(exclude: ["x*"], named: ["b", "c", "c", "xx", "z", "0"])
            for (index, source) in try await Self.sources(records, test).enumerated() {
                let (found, report) = try await Self.replay(source, Self.steps(selection), test, title: "t\(index)")
                #expect(found == Self.records("c"))
                #expect(report.written == 1 && report.sourceHoles.map(\.key) == ["0", "b", "z"] && !report.isWhole)
            }
        }
    }

    @Test func `keys that are named and not there are not forgotten by an interruption`() async throws {
        try await TestServer.withServer { test in
            let origin = try await test.client.createNamespace(title: "origin")
            try await test.load((0..<400).map { KVRecord(key: KVKey("k\(1_000 + $0)"), text: "v") }, into: origin)
            let named = (0..<400).map { KVKey("k\(1_000 + $0)") } + ["k1000a", "k1399a"]
            let steps = Self.steps(try Self.selection(named: named))
            let source = try await steps.source(of: NamespaceSource(origin, client: test.client))
            let (report, _) = try await Self.replayInTwoRuns(test, after: 40, chunkPairs: 20) { source }
            #expect(report.written == 400 && report.runs == 2)
            #expect(report.sourceHoles.map(\.key) == ["k1000a", "k1399a"])
        }
    }

    @Test func `a walk that takes few of many can be stopped and gone on from between them`() async throws {
        try await TestServer.withServer { test in
            try await test.load((0..<25_000).map { KVRecord(key: KVKey("k\(100_000 + $0)"), text: "v") })
            var options = BackupJob.Options(tool: someTool)
            options.selection = try Self.selection(match: ["*24999", "k100000"])
            let stop = StopRequest()
            options.stop = stop
            options.concurrency = 1...1
            let vault = MemoryVault()
            let job = BackupJob(of: test.namespace, client: test.client, to: vault, options: options)
            let error = await failure { _ = try await job.run { _ in stop.request() } }
            #expect((error as? TransferError)?.code == .interrupted)
            // Of 25 pages, those of the first 10,000 keys.
            #expect(test.requests(.keysList) <= 12)
            options.stop = nil
            let lists = test.requests(.keysList)
            let report = try await BackupJob(of: test.namespace, client: test.client, to: vault, options: options).run()
            #expect(report.manifest.totals.records == 2 && report.isWhole)
            // The first 10,000 keys are not listed again.
            #expect(test.requests(.keysList) - lists <= 16)
        }
    }

    @Test func `a limit takes the first records, whatever is taken of them`() async throws {
        try await TestServer.withServer { test in
            let records = (0..<2_500).map { KVRecord(key: KVKey("k\(10_000 + $0)"), text: "v") }
            for (index, source) in try await Self.sources(records, test).enumerated() {
                for limit in [0, 1, 1_001, 5_000] {
                    var steps = Self.steps(try Self.selection(match: ["*[02468]"]))
                    steps.limit = limit
                    let (found, report) = try await Self.replay(source, steps, test, title: "\(index) \(limit)")
                    let even = stride(from: 0, to: 2_500, by: 2).map { records[$0] }
                    #expect(found == Array(even.prefix(limit)))
                    #expect(report.written == min(limit, 1_250) && report.isWhole)
                }
            }
        }
    }

    @Test func `a replay with a limit that was interrupted begins anew and ends with as many`() async throws {
        try await TestServer.withServer { test in
            let records = (0..<50).map { KVRecord(key: KVKey("k\(10 + $0)"), text: "v") }
            var steps = RecordSteps()
            steps.limit = 20
            let source = try await steps.source(of: ArchiveRecordSource(try await madeArchive(records)))
            let (report, _) = try await Self.replayInTwoRuns(test, after: 10, chunkPairs: 5) { source }
            #expect(report.written == 20)
            #expect(try await test.recordsReadOneByOne(in: test.namespace) == Array(records.prefix(20)))
        }
    }

    @Test func `only what is selected is compared and kept`() async throws {
        try await TestServer.withServer { test in
            let records = (0..<2_000).map { KVRecord(key: KVKey("k\(10_000 + $0)"), text: "v") }
            try await test.load(records)
            let selection = try Self.selection(match: ["k1000?"])
            let source = ArchiveRecordSource(
                try await madeArchive(
                    records.map { record in
                        record.key == "k10003" ? KVRecord(key: record.key, text: "other") : record
                    }))
            let stepped = try await Self.steps(selection).source(of: source)
            var options = ReplayJob.Options()
            options.onConflict = .keepExisting
            let kept = try await ReplayJob(of: stepped, to: test.namespace, client: test.client, options: options).run()
            #expect(kept.kept == 10 && kept.written == 0)
            options.onConflict = .merge
            options.isDifferential = true
            let reads = test.requests(.bulkGet)
            let changed = try await ReplayJob(
                of: stepped, to: test.namespace, client: test.client, options: options
            ).run()
            #expect(changed.written == 1 && changed.unchanged == 9)
            #expect(test.requests(.bulkGet) - reads == 1)
        }
    }

    // MARK: Changing

    @Test func `expirations and metadata become what they are to be, and values stay`() async throws {
        let records = EdgeRecords.records(count: 400, seed: 9)
        let metadata = try #require(try KVMetadata(json: "{\"from\":\"élan\",\"n\":1.0}"))
        let changes: [(RecordChange.Expiration, RecordChange.Metadata)] = [
            (.strip, .keep), (.keep, .set(metadata)), (.shift(seconds: 86_400), .set(nil)), (.keep, .keep),
        ]
        try await TestServer.withServer { test in
            for (index, source) in try await Self.sources(records, test).enumerated() {
                for (number, change) in changes.enumerated() {
                    var steps = RecordSteps()
                    steps.change.expiration = change.0
                    steps.change.metadata = change.1
                    let (found, report) = try await Self.replay(source, steps, test, title: "\(index) \(number)")
                    let expected = records.map { record in
                        var changed = record
                        if case .set(let new) = change.1 { changed.metadata = new }
                        switch change.0 {
                        case .keep: break
                        case .strip: changed.expiration = nil
                        case .shift(let seconds): changed.expiration = record.expiration.map { $0 + seconds }
                        }
                        return changed
                    }
                    #expect(found == expected, "\(change)")
                    #expect(report.written == 400)
                }
            }
        }
    }

    @Test func `what has expired lives again once it is shifted, or stripped of its expiration`() async throws {
        try await TestServer.withServer { test in
            let now = UnixTime.now()
            let old = [
                KVRecord(key: "a", text: "1", expiration: now + -1_000),
                KVRecord(key: "b", text: "1", expiration: now + 10),
            ]
            let source = ArchiveRecordSource(try await madeArchive(old))
            var steps = RecordSteps()
            steps.change.expiration = .shift(seconds: 5_000)
            let shifted = try await Self.replay(source, steps, test, title: "shifted") { $0.expiring = .fail }
            #expect(shifted.records.map(\.expiration) == [now + 4_000, now + 5_010])
            steps.change.expiration = .strip
            let stripped = try await Self.replay(source, steps, test, title: "stripped") { $0.expiring = .fail }
            #expect(stripped.records.map(\.expiration) == [nil, nil] && stripped.report.expired == 0)
        }
    }

    // MARK: Renaming

    private static func renaming(_ rules: (KVKey, KVKey)...) -> RecordSteps {
        var steps = RecordSteps()
        steps.renames = PrefixRenames(rules.map { PrefixRenames.Rule(old: $0.0, new: $0.1) })
        return steps
    }

    @Test(arguments: Seed.several(2)) func `renamed records come in the order of their new names`(
        seed: Seed
    ) async throws {
        let odd = EdgeRecords.records(count: 300, seed: seed.value).filter { $0.key.utf8.count < 500 }
        // The second rule is the longer, the third swaps with the fourth.
        let steps = Self.renaming(("k", "z/"), ("k1", "é"), ("a", "b"), ("b", "a"))
        func renamed(_ key: KVKey) -> KVKey {
            for (old, new) in [("k1", "é"), ("k", "z/"), ("a", "b"), ("b", "a")] as [(KVKey, KVKey)]
            where key.hasPrefix(old) {
                return KVKey(utf8: new.utf8 + key.utf8.dropFirst(old.utf8.count)) ?? ""
            }
            return key
        }
        let more = (0..<200).map { KVRecord(key: KVKey("\(["k", "k1", "a", "b"][$0 % 4])\($0)x"), text: "\($0)") }
        let all = (odd + more).reduce(into: [KVKey: KVRecord]()) { $0[renamed($1.key)] = $1 }
        let records = all.values.sorted { $0.key < $1.key }
        let expected = records.map { record in
            var new = record
            new.key = renamed(record.key)
            return new
        }.sorted { $0.key < $1.key }
        try await TestServer.withServer { test in
            for (index, source) in try await Self.sources(records, test).enumerated() {
                let (found, report) = try await Self.replay(source, steps, test, title: "t\(index)")
                #expect(found == expected)
                #expect(report.written == expected.count && report.isWhole)
            }
        }
    }

    @Test func `names that collide or that no key can have are found before anything is written`() async throws {
        try await TestServer.withServer { test in
            let long = KVKey(String(repeating: "k", count: 510))
            let records = Self.records("a:1", "a:2", "b:1", "user:", long)
            for source in try await Self.sources(records.sorted { $0.key < $1.key }, test) {
                let collision = await failure { _ = try await Self.renaming(("a:", "b:")).source(of: source) }
                let collided = try #require(collision as? TransferError)
                #expect(collided.code == .keysCollide)
                #expect(collided.message.contains("\"a:1\" and \"b:1\" would both become \"b:1\""), "\(collided)")
                let empty = await failure { _ = try await Self.renaming(("user:", "")).source(of: source) }
                #expect((empty as? TransferError)?.code == .keyUnusable)
                let tooLong = await failure { _ = try await Self.renaming(("k", "123456789")).source(of: source) }
                #expect((tooLong as? TransferError)?.message.contains("1 keys would get names") == true)
                let dots = await failure { _ = try await Self.renaming(("b:1", "..")).source(of: source) }
                #expect((dots as? TransferError)?.code == .keyUnusable)
            }
        }
    }

    @Test func `a mirror knows what renamed keys are its own, and does not guess where it cannot`() async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records("member:1", "member:9", "user:1", "zebra"))
            let archive = try await madeArchive(Self.records("other", "user:1", "user:2"))
            var options = ReplayJob.Options()
            options.onConflict = .mirror
            options.deletionsMaximum = .max
            var steps = Self.renaming(("user:", "member:"))
            steps.selection = try Self.selection(prefix: "user:")
            let mirrored = try await steps.source(of: ArchiveRecordSource(archive))
            let report = try await ReplayJob(
                of: mirrored, to: test.namespace, client: test.client, options: options
            ).run()
            #expect(report.written == 2 && report.deleted == 1)
            let keys = try await test.recordsReadOneByOne(in: test.namespace).map(\.key)
            #expect(keys == ["member:1", "member:2", "user:1", "zebra"])

            for selection in [try Self.selection(match: ["user:?"]), try Self.selection(named: ["user:1"])] {
                let chosen = try await Self.steps(selection).source(of: ArchiveRecordSource(archive))
                let refused = ReplayJob(of: chosen, to: test.namespace, client: test.client, options: options)
                #expect((await failure { _ = try await refused.run() } as? TransferError)?.code == .unknownScope)
            }
            var limited = RecordSteps()
            limited.limit = 1
            let first = try await limited.source(of: ArchiveRecordSource(archive))
            let refused = ReplayJob(of: first, to: test.namespace, client: test.client, options: options)
            #expect((await failure { _ = try await refused.run() } as? TransferError)?.code == .unknownScope)
            #expect(try await test.recordsReadOneByOne(in: test.namespace).map(\.key) == keys)
        }
    }

    @Test func `a renaming replay that was interrupted goes on behind its last key`() async throws {
        try await TestServer.withServer { test in
            let records = (0..<50).map { KVRecord(key: KVKey("\($0 % 2 == 0 ? "a" : "b")\(10 + $0)"), text: "\($0)") }
            let archive = try await madeArchive(records)
            let (report, writes) = try await Self.replayInTwoRuns(test, after: 20, chunkPairs: 5) {
                try await Self.renaming(("a", "z"), ("b", "c")).source(of: ArchiveRecordSource(archive))
            }
            #expect(report.written == 50 && report.runs == 2)
            #expect(writes <= 6)
            let keys = try await test.recordsReadOneByOne(in: test.namespace).map(\.key)
            let expected = records.map { KVKey(($0.key.string.hasPrefix("a") ? "z" : "c") + $0.key.string.dropFirst()) }
            #expect(keys == expected.sorted())
        }
    }

    // MARK: Backups

    @Test(arguments: [false, true]) func `a backup of some keys says which, and reads no others`(
        settles: Bool
    ) async throws {
        try await TestServer.withServer { test in
            try await test.load((0..<2_000).map { KVRecord(key: KVKey("k\(10_000 + $0)"), text: "v") })
            var options = BackupJob.Options(tool: someTool)
            options.settles = settles
            options.selection = try Self.selection(match: ["*5"], exclude: ["k100*"])
            let vault = MemoryVault()
            let report = try await BackupJob(
                of: test.namespace, client: test.client, to: vault, options: options
            ).run()
            #expect(report.manifest.totals.records == 190 && report.isWhole)
            #expect(report.manifest.source.filters == ["match *5", "exclude k100*"])
            #expect(test.requests(.bulkGet) == 2)
            let read = try #require(report.manifest.read)
            #expect(read.floor == (settles ? 6 : 4))
            // What keys there were it does not say.
            let archive = try await Archive.open(in: vault, at: report.path)
            #expect(ArchiveRecordSource(archive).scope == nil)
        }
    }
}
