import KVTestSupport
import KVTransfer
import Synchronization
import Testing

@Suite struct DiffTests {
    private static func marks(_ first: [KVRecord], _ second: [KVRecord]) async throws -> (
        marks: [String], report: DiffReport
    ) {
        var marks: [String] = []
        let job = DiffJob(
            MemorySource(first, name: "A", batchRecords: 3), MemorySource(second, name: "B", batchRecords: 7),
            clock: { UnixTime(seconds: 2_000_000_000) })
        let report = try await job.run(progress: { _ in }) { difference in
            let mark =
                switch difference {
                case .onlyInFirst: "-"
                case .onlyInSecond: "+"
                case .changed: "*" + difference.aspects.joined(separator: ",")
                case .same: "="
                }
            marks.append("\(mark) \(difference.key.string)")
        }
        return (marks, report)
    }

    @Test func `what differs is named by key and by aspect`() async throws {
        let late = UnixTime(seconds: 4_000_000_000)
        let (marks, report) = try await Self.marks(
            [
                KVRecord(key: "a", text: "1"), KVRecord(key: "b", text: "1"),
                KVRecord(key: "c", text: "1", metadata: try KVMetadata(json: "1.0")),
                KVRecord(key: "d", text: "1", expiration: late), KVRecord(key: "same", text: "1"),
                KVRecord(key: "over", text: "1", expiration: UnixTime(seconds: 1_999_999_999)),
            ],
            [
                KVRecord(key: "b", text: "2"), KVRecord(key: "c", text: "1", metadata: try KVMetadata(json: "1")),
                KVRecord(key: "d", text: "1"), KVRecord(key: "same", text: "1"), KVRecord(key: "z", text: "1"),
            ])
        #expect(marks == ["- a", "*value b", "*metadata c", "*expiration d", "= same", "+ z"])
        #expect(report.changed == 3 && report.onlyInFirst == 1 && report.onlyInSecond == 1 && report.same == 1)
        #expect(report.expired == 1)
        #expect(!report.isIdentical)
    }

    @Test func `where only keys are compared, what has expired is still no difference`() async throws {
        let (past, far) = (UnixTime(seconds: 1_999_999_999), UnixTime(seconds: 4_000_000_000))
        let first = MemorySource([
            KVRecord(key: "both", text: "1", expiration: far), KVRecord(key: "over", text: "1", expiration: past),
            KVRecord(key: "gone", text: "1", expiration: far),
        ])
        let second = MemorySource([KVRecord(key: "both", text: "2")])
        for depth in [RecordDepth.keys, .details] {
            let report = try await DiffJob(
                ReducedSource(first, depth: depth), ReducedSource(second, depth: depth), depth: depth,
                clock: { UnixTime(seconds: 2_000_000_000) }
            ).run()
            #expect(report.expired == 1 && report.onlyInFirst == 1)
            #expect(report.same == (depth == .keys ? 1 : 0) && report.changed == (depth == .keys ? 0 : 1))
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a merge join finds what a dictionary finds`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        func side() -> [KVRecord] {
            let keys = Set(
                (0..<Int.random(in: 0...60, using: &generator)).map { _ in Int.random(in: 0..<80, using: &generator) })
            return keys.map { KVRecord(key: KVKey("k\($0)"), text: "\(Int.random(in: 0...1, using: &generator))") }
        }
        let first = side()
        let second = side()
        let one = Dictionary(uniqueKeysWithValues: first.map { ($0.key, $0) })
        let two = Dictionary(uniqueKeysWithValues: second.map { ($0.key, $0) })
        let expected = Set(one.keys).union(two.keys).sorted().map { key in
            switch (one[key], two[key]) {
            case (.some, nil): "- \(key.string)"
            case (nil, .some): "+ \(key.string)"
            case (let a, let b): a == b ? "= \(key.string)" : "*value \(key.string)"
            }
        }
        let (marks, _) = try await Self.marks(first, second)
        #expect(marks == expected, "seed \(seed)")
    }

    @Test func `a source that fails makes the comparison fail`() async throws {
        try await withScriptedClient { _, _ in
            .failure(404, code: 10013, "list keys: 'namespace not found'")
        } _: { client, _ in
            let live = NamespaceSource(Namespace(id: "n", title: "n"), client: client)
            let error = await failure {
                _ = try await DiffJob(MemorySource([KVRecord(key: "a", text: "1")]), live).run()
            }
            #expect((error as? KVError)?.code == .namespaceNotFound)
        }
    }

    /// Records of which some keys were listed and then not there, as a namespace has them that others write to.
    private struct DenyingSource: RecordSource {
        let name = "denying"
        var holes: [Hole] = []
        let records: [KVRecord]
        let doubtfulKeys: [KVKey]
        let presentLater: [KVRecord]

        func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole]) {
            (presentLater.filter { keys.contains($0.key) }.map(RecordLine.init), [])
        }

        func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
            try await MemorySource(records).forEachBatch(body)
        }
    }

    @Test func `a key that was denied for a moment is no difference, and one that has gone is, at the end`()
        async throws
    {
        let all = ["a", "b", "c", "d"].map { KVRecord(key: KVKey($0), text: "v") }
        let denying = DenyingSource(
            records: [all[0], all[3]], doubtfulKeys: ["b", "c"], presentLater: [all[1]])
        for isFirst in [false, true] {
            var marks: [String] = []
            let (one, two): (any RecordSource, any RecordSource) =
                isFirst ? (denying, MemorySource(all)) : (MemorySource(all), denying)
            let report = try await DiffJob(one, two).run(progress: { _ in }) { difference in
                switch difference {
                case .same(let line): marks.append("= \(line.key.string)")
                case .onlyInFirst(let line): marks.append("- \(line.key.string)")
                case .onlyInSecond(let line): marks.append("+ \(line.key.string)")
                case .changed(let line, _): marks.append("* \(line.key.string)")
                }
            }
            #expect(marks == ["= a", "= d", isFirst ? "+ c" : "- c"])
            #expect(report.unreadable.map { $0.key } == ["b"] && report.same == 2 && !report.isIdentical)
        }
    }
}
