import KVServer
import KVTestSupport
import KVTransfer
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: [1, 20_261_123] as [UInt64])
    func `ten thousand edge records come back with every byte, metadata text and expiration`(seed: UInt64) async throws
    {
        let records = EdgeRecords.records(count: 10_000, seed: seed)
        try await TestServer.withServer { test in
            try await test.load(records)
            let (archive, backup) = try await test.backUp()
            #expect(backup.isWhole)
            #expect(try await archive.allRecords() == records, "seed \(seed)")
            #expect(try await archive.verify().isSound)

            let (target, restored) = try await test.restore(archive)
            #expect(restored.isWhole)
            #expect(restored.written == records.count)
            #expect(restored.expired == 0)
            let report = try await DiffJob(
                NamespaceSource(test.namespace, client: test.client), NamespaceSource(target, client: test.client)
            ).run()
            #expect(report.isIdentical)
            #expect(report.same == records.count)
            #expect(try await test.recordsReadOneByOne(in: target) == records, "seed \(seed)")
        }
    }

    @Test func `a namespace without keys makes an archive without records, and restores`() async throws {
        try await TestServer.withServer { test in
            let (archive, backup) = try await test.backUp()
            #expect(backup.isWhole)
            #expect(archive.manifest.totals.records == 0)
            let (_, report) = try await test.restore(archive)
            #expect(report.written == 0 && report.isWhole)
        }
    }

    @Test func `a hundred thousand small keys take 100 lists, 1000 bulk gets and 10 bulk writes`() async throws {
        try await TestServer.withServer { test in
            let records = (0..<100_000).map { KVRecord(key: KVKey("key:\($0)"), text: "value \($0)") }
            try await test.load(records)
            let writes = test.requests(.bulkPut)
            let (archive, backup) = try await test.backUp()
            #expect(test.requests(.keysList) == 100)
            #expect(test.requests(.bulkGet) == 1_000)
            #expect(test.requests(.valueGet) == 0)
            #expect(backup.manifest.read?.floor == 1_100)
            #expect(backup.manifest.read?.requests == ["key-list": 100, "bulk-get": 1_000])

            let (_, report) = try await test.restore(archive)
            #expect(test.requests(.bulkPut) - writes == 10)
            #expect(report.written == 100_000)
            #expect(report.floor == 10)
        }
    }

    @Test func `values that are not text are found by bisection and read exactly`() async throws {
        try await TestServer.withServer { test in
            let records = (0..<1_000).map { number in
                KVRecord(
                    key: KVKey("k\(10_000 + number)"),
                    value: number.isMultiple(of: 97) ? [0xFF, UInt8(number % 256)] : Array("v\(number)".utf8),
                    metadata: number.isMultiple(of: 2) ? KVMetadata.number(number) : nil,
                    expiration: number.isMultiple(of: 3) ? UnixTime(seconds: 4_000_000_000) : nil)
            }
            try await test.load(records)
            let (archive, backup) = try await test.backUp()
            #expect(try await archive.allRecords() == records)
            #expect(backup.isWhole)
            // 11 of 1,000 values are not text: far fewer requests than reading key by key.
            #expect(test.requests(.bulkGet) + test.requests(.valueGet) < 220)
        }
    }

    @Test func `a namespace in which nothing is text costs hardly more requests than it has keys`() async throws {
        try await TestServer.withServer { test in
            let records = (0..<1_000).map { KVRecord(key: KVKey("k\(10_000 + $0)"), value: [0xFF, UInt8($0 % 256)]) }
            try await test.load(records)
            let (archive, _) = try await test.backUp()
            #expect(try await archive.allRecords() == records)
            #expect(test.requests(.valueGet) == 1_000)
            #expect(test.requests(.bulkGet) < 150)
        }
    }

    @Test func `values of many megabytes are read in batches that fit the answer, and written by size`() async throws {
        try await TestServer.withServer { test in
            var generator = SeededGenerator(seed: 7)
            let records = (0..<12).map { number in
                var value = [UInt8](repeating: UInt8(0x61 + number), count: (number % 4 + 1) << 20)
                if number.isMultiple(of: 5) { value[Int.random(in: 0..<value.count, using: &generator)] = 0xFF }
                return KVRecord(key: KVKey("large-\(10 + number)"), value: value)
            }
            for record in records { try await test.client.write(record, in: test.namespace.id) }
            let (archive, _) = try await test.backUp()
            let (target, report) = try await test.restore(archive) { $0.chunkBytes = 5_000_000 }
            #expect(report.written == records.count)
            #expect(try await test.recordsReadOneByOne(in: target) == records)
        }
    }

    @Test func `a binary value of 25 MiB goes by itself and comes back`() async throws {
        try await TestServer.withServer { test in
            var value = [UInt8](repeating: 0x62, count: KVLimits.valueBytes)
            value[0] = 0xFF
            let records = [
                KVRecord(key: "a", text: "before"),
                KVRecord(
                    key: "b", value: value, metadata: KVMetadata.number(1), expiration: UnixTime(seconds: 4_000_000_000)
                ),
                KVRecord(key: "c", text: "after"),
            ]
            for record in records { try await test.client.write(record, in: test.namespace.id) }
            let (archive, _) = try await test.backUp()
            let (target, _) = try await test.restore(archive)
            #expect(try await test.recordsReadOneByOne(in: target) == records)
        }
    }

    @Test func `a prefix selects keys in a backup, a restore and a comparison`() async throws {
        try await TestServer.withServer { test in
            try await test.load(["a", "user:", "user:1", "user:2", "user;", "z"].map { KVRecord(key: $0, text: "v") })
            let (archive, _) = try await test.backUp(prefix: "user:")
            #expect(try await archive.allRecords().map(\.key) == ["user:", "user:1", "user:2"])
            let (whole, _) = try await test.backUp()
            let (target, report) = try await test.restore(whole, prefix: "user:1")
            #expect(report.written == 1)
            var options = NamespaceSource.Options()
            options.prefix = "user:1"
            let diff = try await DiffJob(
                NamespaceSource(test.namespace, client: test.client, options: options),
                NamespaceSource(target, client: test.client, options: options)
            ).run()
            #expect(diff.isIdentical && diff.same == 1)
        }
    }
}

extension KVMetadata {
    /// A small metadata.
    static func number(_ number: Int) -> KVMetadata? { try? KVMetadata(json: "{\"n\":\(number).0}") }
}
