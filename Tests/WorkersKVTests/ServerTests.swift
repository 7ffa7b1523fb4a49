import Foundation
import KVTestSupport
import Testing
import WorkersKV

/// The client against the embedded server over loopback: each operation, and each limit from both sides.
@Suite struct ServerTests {
    private static let expiration = UnixTime(seconds: 4_000_000_000)

    @Test func `namespaces are created, listed, looked up, renamed and deleted`() async throws {
        try await TestServer.withServer { test in
            for number in 1...24 { _ = try await test.client.createNamespace(title: "n\(number)") }
            let listed = try await test.client.namespaces()
            #expect(listed.count == 25)
            let firstPage = try await test.client.namespacePage(1)
            #expect(firstPage.namespaces.count == 20)
            #expect(firstPage.totalCount == 25)
            let beyond = try await test.client.namespacePage(9)
            #expect(beyond.namespaces.isEmpty)

            try await test.client.renameNamespace(test.namespace.id, to: "renamed")
            let renamed = try await test.client.namespace(test.namespace.id)
            #expect(renamed.title == "renamed")
            #expect(await kvError { _ = try await test.client.createNamespace(title: "n1") }?.code == .titleTaken)
            #expect(
                await kvError { try await test.client.renameNamespace(test.namespace.id, to: "n1") }?.code
                    == .titleTaken)
            #expect(await kvError { _ = try await test.client.createNamespace(title: "") }?.code == .refused)

            try await test.client.deleteNamespace(test.namespace.id)
            for error in [
                await kvError { _ = try await test.client.namespace(test.namespace.id) },
                await kvError { _ = try await test.client.keyPage(in: test.namespace.id) },
                await kvError { _ = try await test.client.value(of: "k", in: test.namespace.id) },
                await kvError { try await test.client.write("v", to: "k", in: test.namespace.id) },
                await kvError { try await test.client.delete("k", in: test.namespace.id) },
                await kvError { _ = try await test.client.metadata(of: "k", in: test.namespace.id) },
                await kvError { _ = try await test.client.bulkGet(["k"], in: test.namespace.id) },
                await kvError { _ = try await test.client.bulkDelete(["k"], in: test.namespace.id) },
                await kvError { _ = try await test.client.bulkWrite(BulkPairs(), in: test.namespace.id) },
                await kvError { _ = try await test.client.namespace("not-a-namespace-id") },
            ] {
                #expect(error?.code == .namespaceNotFound)
                #expect(error?.reply?.ray != nil)
            }
        }
    }

    @Test func `a value, its metadata and its expiration come back as they were written`() async throws {
        try await TestServer.withServer { test in
            for (index, value) in EdgeRecords.values.enumerated() {
                let key = EdgeRecords.keys[index % EdgeRecords.keys.count]
                let metadata = try KVMetadata(json: EdgeRecords.metadataTexts[index % EdgeRecords.metadataTexts.count])
                try await test.client.write(
                    value, to: key, in: test.namespace.id, metadata: metadata, expiration: .at(Self.expiration))
                let stored = try await test.client.value(of: key, in: test.namespace.id)
                #expect(stored == StoredValue(bytes: value, expiration: Self.expiration))
                #expect(try await test.client.metadata(of: key, in: test.namespace.id) == metadata)

                try await test.client.write(value, to: key, in: test.namespace.id)
                let plain = try await test.client.value(of: key, in: test.namespace.id)
                #expect(plain == StoredValue(bytes: value))
                #expect(try await test.client.metadata(of: key, in: test.namespace.id) == nil)
            }
        }
    }

    @Test func `every legal key is written, read, listed and deleted exactly`() async throws {
        try await TestServer.withServer { test in
            for key in EdgeRecords.keys {
                try await test.client.write(key.utf8, to: key, in: test.namespace.id)
            }
            var listed: [KVKey] = []
            for try await key in test.client.keys(in: test.namespace.id, limit: 10) { listed.append(key.key) }
            #expect(listed == Set(EdgeRecords.keys).sorted())
            for key in Set(EdgeRecords.keys) {
                let value = try await test.client.value(of: key, in: test.namespace.id)
                #expect(value?.bytes == key.utf8)
                let alone = try await test.client.keyPage(in: test.namespace.id, prefix: key)
                #expect(alone.keys.first?.key == key)
                try await test.client.delete(key, in: test.namespace.id)
                let gone = try await test.client.value(of: key, in: test.namespace.id)
                #expect(gone == nil)
            }
        }
    }

    @Test func `a missing key is nil, has no metadata to give, and can be deleted`() async throws {
        try await TestServer.withServer { test in
            let value = try await test.client.value(of: "gone", in: test.namespace.id)
            #expect(value == nil)
            #expect(
                await kvError { _ = try await test.client.metadata(of: "gone", in: test.namespace.id) }?.code
                    == .keyNotFound)
            try await test.client.delete("gone", in: test.namespace.id)
            let result = try await test.client.bulkGet(["gone"], in: test.namespace.id)
            #expect(result.records.isEmpty)
        }
    }

    @Test func `keys of 512 bytes are taken, of 513 refused`() async throws {
        try await TestServer.withServer { test in
            let longest = KVKey(String(repeating: "é", count: 256))
            let tooLong = KVKey(String(repeating: "é", count: 256) + "x")
            try await test.client.write("v", to: longest, in: test.namespace.id)
            _ = try await test.client.bulkWrite([KVRecord(key: longest, text: "v")], in: test.namespace.id)
            for error in [
                await kvError { try await test.client.write("v", to: tooLong, in: test.namespace.id) },
                await kvError { _ = try await test.client.value(of: tooLong, in: test.namespace.id) },
                await kvError {
                    _ = try await test.client.bulkWrite([KVRecord(key: tooLong, text: "v")], in: test.namespace.id)
                },
            ] {
                #expect(error?.code == .invalidKey)
            }
        }
    }

    @Test func `metadata of 1024 bytes is taken, of 1025 refused`() async throws {
        try await TestServer.withServer { test in
            func metadata(_ bytes: Int) throws -> KVMetadata? {
                try KVMetadata(json: "\"\(String(repeating: "m", count: bytes - 2))\"")
            }
            try await test.client.write("v", to: "k", in: test.namespace.id, metadata: metadata(1024))
            let tooLong = try metadata(1025)
            for error in [
                await kvError { try await test.client.write("v", to: "l", in: test.namespace.id, metadata: tooLong) },
                await kvError {
                    let record = KVRecord(key: "l", text: "v", metadata: tooLong)
                    _ = try await test.client.bulkWrite([record], in: test.namespace.id)
                },
            ] {
                #expect(error?.code == .invalidMetadata || error?.code == .tooLarge)
            }
            let value = try await test.client.value(of: "l", in: test.namespace.id)
            #expect(value == nil)
        }
    }

    @Test func `a value of 25 MiB is taken and read back, one byte more is refused`() async throws {
        try await TestServer.withServer { test in
            var generator = SeededGenerator(seed: 25)
            var value = [UInt8](repeating: 0x61, count: KVLimits.valueBytes)
            for _ in 0..<1000 { value[Int.random(in: 0..<value.count, using: &generator)] = 0xFF }
            let metadata = try KVMetadata(json: "1")
            try await test.client.write(value, to: "large", in: test.namespace.id, metadata: metadata)
            let stored = try await test.client.value(of: "large", in: test.namespace.id)
            #expect(stored?.bytes == value)

            value.append(0x61)
            #expect(
                await kvError { try await test.client.write(value, to: "larger", in: test.namespace.id) }?.code
                    == .tooLarge)
        }
    }

    @Test(arguments: [(59, false), (60, true)])
    func `expirations less than 60 seconds ahead are refused`(seconds: Int64, isTaken: Bool) async throws {
        let now = UnixTime(seconds: 1_900_000_000)
        try await TestServer.withServer(now: { now }) { test in
            let at = now + seconds
            var pairs = BulkPairs()
            pairs.append(KVRecord(key: "d", text: "v"), expiringAfter: seconds)
            let body = pairs
            for (key, error) in [
                (
                    "a",
                    await kvError {
                        try await test.client.write("v", to: "a", in: test.namespace.id, expiration: .at(at))
                    }
                ),
                (
                    "b",
                    await kvError {
                        try await test.client.write(
                            "v", to: "b", in: test.namespace.id, expiration: .after(seconds: seconds))
                    }
                ),
                (
                    "c",
                    await kvError {
                        let record = KVRecord(key: "c", text: "v", expiration: at)
                        _ = try await test.client.bulkWrite([record], in: test.namespace.id)
                    }
                ),
                ("d", await kvError { _ = try await test.client.bulkWrite(body, in: test.namespace.id) }),
            ] {
                #expect(error?.code == (isTaken ? nil : .invalidExpiration), "key \(key)")
                let stored = try await test.client.value(of: KVKey(key), in: test.namespace.id)
                #expect(stored?.expiration == (isTaken ? at : nil))
            }
        }
    }

    @Test func `when both expirations are sent the time to live wins`() async throws {
        let now = UnixTime(seconds: 1_900_000_000)
        try await TestServer.withServer(now: { now }) { test in
            let pair = #"[{"key":"k","value":"v","expiration":1,"expiration_ttl":100}]"#
            let url =
                "\(test.client.options.baseURL)/accounts/\(test.client.options.accountID)/storage/kv/namespaces/\(test.namespace.id)"
            let outcome = try await CommandRunner.run(
                "curl",
                [
                    "-sS", "-X", "PUT", "\(url)/bulk", "-H", "Authorization: Bearer \(test.token)", "-d", pair,
                ])
            #expect(outcome.outputText.contains("\"success\":true"), "\(outcome.outputText)")
            let stored = try await test.client.value(of: "k", in: test.namespace.id)
            #expect(stored?.expiration == now + 100)
        }
    }

    @Test(arguments: [(9, false), (10, true), (1000, true), (1001, false)])
    func `a page of keys has 10 to 1000 rows`(limit: Int, isTaken: Bool) async throws {
        try await TestServer.withServer { test in
            let error = await kvError { _ = try await test.client.keyPage(in: test.namespace.id, limit: limit) }
            #expect((error == nil) == isTaken)
            if !isTaken { #expect(error?.reply?.has(.invalidLimit) == true) }
        }
    }

    @Test func `a bulk get takes 100 keys and refuses 101`() async throws {
        try await TestServer.withServer { test in
            let records = (0..<101).map { KVRecord(key: KVKey("k\($0)"), text: "v\($0)") }
            try await test.load(records)
            let keys = records.map(\.key)
            let result = try await test.client.bulkGet(Array(keys.prefix(100)), in: test.namespace.id)
            #expect(result.records.count == 100)
            #expect(result.keysWithoutDetails.isEmpty)
            let error = await kvError { _ = try await test.client.bulkGet(keys, in: test.namespace.id) }
            #expect(error?.code == .refused)
            #expect(error?.reply?.has(.invalidRequest) == true)
        }
    }

    @Test func `a bulk get that meets a value that is not text is refused whole`() async throws {
        try await TestServer.withServer { test in
            try await test.load([KVRecord(key: "text", text: "v"), KVRecord(key: "binary", value: [0xFF])])
            let error = await kvError { _ = try await test.client.bulkGet(["text", "binary"], in: test.namespace.id) }
            #expect(error?.code == .nonTextValue)
        }
    }

    @Test func `a bulk get whose values are more than 25 MiB is refused as too large`() async throws {
        try await TestServer.withServer { test in
            let value = [UInt8](repeating: 0x61, count: 13 << 20)
            for key in ["a", "b"] as [KVKey] { try await test.client.write(value, to: key, in: test.namespace.id) }
            #expect(
                await kvError { _ = try await test.client.bulkGet(["a", "b"], in: test.namespace.id) }?.code
                    == .tooLarge)
            let one = try await test.client.bulkGet(["b"], in: test.namespace.id)
            #expect(one["b"]?.value == value)
        }
    }

    @Test func `values come as JSON when they are asked for as JSON`() async throws {
        try await TestServer.withServer { test in
            try await test.load([KVRecord(key: "k", text: "{\"n\": 1}")])
            let result = try await test.client.bulkGet(["k"], in: test.namespace.id, as: .json, withMetadata: false)
            #expect(result["k"]?.value == Array("{\"n\":1}".utf8) || result["k"]?.value == Array("{\"n\": 1}".utf8))
            #expect(result.keysWithoutDetails == ["k"])
        }
    }

    @Test func `a bulk write and a bulk delete take 10000 keys and refuse 10001`() async throws {
        try await TestServer.withServer { test in
            let keys = (0..<10_001).map { KVKey("k\($0)") }
            var pairs = BulkPairs()
            for key in keys.prefix(10_000) { pairs.append(KVRecord(key: key, text: "v")) }
            let written = try await test.client.bulkWrite(pairs, in: test.namespace.id)
            #expect(written.successfulKeyCount == 10_000)
            #expect(written.unsuccessfulKeys.isEmpty)
            pairs.append(KVRecord(key: keys[10_000], text: "v"))
            let tooMany = pairs
            #expect(await kvError { _ = try await test.client.bulkWrite(tooMany, in: test.namespace.id) } != nil)
            #expect(await kvError { _ = try await test.client.bulkDelete(keys, in: test.namespace.id) } != nil)
            let deleted = try await test.client.bulkDelete(Array(keys.prefix(10_000)), in: test.namespace.id)
            #expect(deleted.successfulKeyCount == 10_000)
            let left = try await test.client.keyPage(in: test.namespace.id)
            #expect(left.keys.isEmpty)
        }
    }

    @Test func `empty bulk writes and deletes succeed`() async throws {
        try await TestServer.withServer { test in
            let written = try await test.client.bulkWrite(BulkPairs(), in: test.namespace.id)
            let deleted = try await test.client.bulkDelete([], in: test.namespace.id)
            #expect(written.unsuccessfulKeys.isEmpty && deleted.unsuccessfulKeys.isEmpty)
        }
    }

    @Test func `the token is verified, accounts are listed, a wrong token and a wrong account are told apart`()
        async throws
    {
        try await TestServer.withServer { test in
            let status = try await test.client.verifyToken()
            #expect(status.isActive)
            let accounts = try await test.client.accounts()
            #expect(accounts.map(\.id) == [test.client.options.accountID])

            var options = test.client.options
            options.credentials = try .apiToken("wrong")
            try await withKVClient(options) { client in
                #expect(await kvError { _ = try await client.namespaces() }?.code == .unauthorized)
                #expect(await kvError { _ = try await client.verifyToken() }?.code == .unauthorized)
            }
            options = test.client.options
            options.accountID = "ffffffffffffffffffffffffffffffff"
            try await withKVClient(options) { client in
                #expect(await kvError { _ = try await client.namespaces() }?.code == .routeNotFound)
            }
        }
    }
}
