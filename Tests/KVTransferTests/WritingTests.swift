import Foundation
import KVTestSupport
import KVTransfer
import Synchronization
import Testing

/// What a restore makes of an API that does not take what it is sent.
@Suite(.timeLimit(.minutes(10))) struct WritingTests {
    private static let target = Namespace(id: "n", title: "n")

    private static func records(_ count: Int) -> [KVRecord] {
        (0..<count).map { KVRecord(key: KVKey("k\(100_000 + $0)"), text: "v") }
    }

    /// Restores records into an empty namespace whose writes are answered as told.
    private static func restore(
        _ records: [KVRecord], adjust: (inout ReplayJob.Options) -> Void = { _ in },
        clock: @escaping @Sendable () -> UnixTime = UnixTime.now,
        client clientOptions: (KVClientOptions) -> KVClientOptions = { $0 },
        answer: @escaping @Sendable (Write) -> ScriptedServer.Answer
    ) async throws -> (report: ReplayReport?, error: (any Error)?, writes: [Write]) {
        let archive = try await madeArchive(records)
        var options = ReplayJob.Options()
        adjust(&options)
        let writes = Mutex(0)
        return try await withScriptedClient { request, _ in
            if request.method == "GET" { return .keyList() }
            let number = writes.withLock { number in
                defer { number += 1 }
                return number
            }
            return answer(Write(request, number))
        } _: { client, server in
            let report = Mutex<ReplayReport?>(nil)
            let error = await failure {
                try await withKVClient(clientOptions(client.options)) { client in
                    let job = ReplayJob(
                        of: ArchiveRecordSource(archive), to: target, client: client, options: options, clock: clock)
                    let result = try await job.run()
                    report.withLock { $0 = result }
                }
            }
            let sent = server.requests.filter { $0.method == "PUT" }.enumerated().map { Write($1, $0) }
            return (report.withLock { $0 }, error, sent)
        }
    }

    /// A write as the server sees it.
    private struct Write: Sendable {
        /// How many came before.
        let number: Int
        let target: String
        let text: String

        init(_ request: ScriptedServer.Request, _ number: Int) {
            self.number = number
            target = request.target
            text = String(decoding: request.body, as: UTF8.self)
        }

        var keys: [String] { text.matches(of: /"key":"([^"]*)"/).map { String($0.1) } }
        /// An answer that says that all is well.
        var success: ScriptedServer.Answer {
            .success("{\"successful_key_count\":\(keys.count),\"unsuccessful_keys\":[]}")
        }
    }

    // MARK: Keys that are reported as unsuccessful

    @Test func `a name that was never sent hides no missing record`() async throws {
        let (report, _, writes) = try await Self.restore(Self.records(2)) { write in
            write.number == 0
                ? .success(#"{"successful_key_count":1,"unsuccessful_keys":["K100001"]}"#) : write.success
        }
        #expect(report?.written == 2 && report?.isWhole == true)
        #expect(writes.map(\.keys) == [["k100000", "k100001"], ["k100000", "k100001"]])
    }

    @Test func `a failure that names single keys is not one of all`() async throws {
        let (report, _, writes) = try await Self.restore(Self.records(300)) { write in
            guard write.keys.contains("k100007") else { return write.success }
            let result = "{\"successful_key_count\":\(write.keys.count - 1),\"unsuccessful_keys\":[\"k100007\"]}"
            return .http(
                200, #"{"success":false,"errors":[{"code":10001,"message":"m"}],"messages":[],"result":\#(result)}"#)
        }
        #expect(report?.written == 299)
        #expect(report?.holes.map(\.key) == ["k100007"])
        #expect(writes.dropFirst().allSatisfy { $0.keys == ["k100007"] })
    }

    @Test func `storage that stores nothing ends the restore instead of every record`() async throws {
        let (_, error, _) = try await Self.restore(Self.records(1_500)) { write in
            let keys = write.keys.map { "\"\($0)\"" }.joined(separator: ",")
            return .success("{\"successful_key_count\":0,\"unsuccessful_keys\":[\(keys)]}")
        }
        #expect((error as? KVError)?.code == .serverFailed)
    }

    // MARK: Requests that may be too large

    @Test(arguments: [524, 408, 500])
    func `a request of many small pairs is halved when it takes too long`(status: Int) async throws {
        let (report, error, writes) = try await Self.restore(Self.records(5_000)) { write in
            write.keys.count > 700 ? .http(status, "") : write.success
        }
        #expect(report?.written == 5_000 && report?.isWhole == true, "\(String(describing: error))")
        #expect(Set(writes.map(\.keys.count)).isSuperset(of: [5_000, 2_500, 1_250]))
    }

    @Test func `a small request is not blamed for its size`() async throws {
        let (_, error, writes) = try await Self.restore(Self.records(50)) { _ in .http(503, "") }
        #expect((error as? KVError)?.code == .serverFailed)
        #expect(writes.allSatisfy { $0.keys.count == 50 })
    }

    @Test func `a limit of requests does not make requests smaller`() async throws {
        let (report, _, writes) = try await Self.restore(
            Self.records(5_000),
            client: { options in
                var options = options
                options.retryPolicy.maximumAttempts = 8
                return options
            }
        ) { write in
            write.number < 5 ? .failure(429, code: 971, "slow down", headers: ["retry-after": "0"]) : write.success
        }
        #expect(report?.written == 5_000)
        #expect(writes.allSatisfy { $0.keys.count == 5_000 })
    }

    @Test func `what was learned of the size is used for what is left, and for a while`() async throws {
        let refused = Mutex(0)
        let (report, _, writes) = try await Self.restore(Self.records(60_000)) {
            $0.concurrency = 1
        } answer: { write in
            if write.keys.count <= 4_000 { return write.success }
            refused.withLock { $0 += 1 }
            return .http(413, "<html>too large</html>")
        }
        #expect(report?.written == 60_000)
        #expect(refused.withLock { $0 } <= 4)
        #expect(writes.count < 40)
    }

    // MARK: Refusals

    @Test(arguments: [10017, 10021, 10026, 10035, 10037, 10000, 9109])
    func `a refusal of the account is no fault of a record`(code: Int) async throws {
        let (_, error, writes) = try await Self.restore(Self.records(30)) { _ in
            .failure(400, code: code, "not for you")
        }
        #expect((error as? KVError)?.reply?.has(APICode(rawValue: code)) == true)
        #expect(writes.count == 1)
    }

    @Test func `records in a row that are refused for their own faults are named`() async throws {
        let (report, _, _) = try await Self.restore(Self.records(200)) { write in
            write.keys.contains { ("k100050"..."k100099").contains($0) }
                ? .failure(400, code: 10047, "metadata too long") : write.success
        }
        #expect(report?.written == 150)
        #expect(report?.holes.count == 50)
    }

    @Test func `records in a row that are refused without a reason end the restore, and are tried again`() async throws
    {
        let archive = try await madeArchive(Self.records(200))
        let isHealthy = Mutex(false)
        try await withScriptedClient { request, _ in
            if request.method == "GET" { return .http(200, "v") }
            let write = Write(request, 0)
            let isBad = write.keys.contains { $0 >= "k100050" }
            return isBad && !isHealthy.withLock { $0 } ? .failure(400, code: 10012, "broken") : write.success
        } _: { client, server in
            var options = ReplayJob.Options()
            options.checkpoints = MemoryVault()
            options.onConflict = .merge
            let job = ReplayJob(of: ArchiveRecordSource(archive), to: Self.target, client: client, options: options)
            let error = await failure { _ = try await job.run() }
            #expect((error as? KVError)?.reply?.has(.malformedBody) == true)
            #expect(server.requests.count < 80)

            isHealthy.withLock { $0 = true }
            let before = server.requests.count
            let report = try await job.run()
            #expect(report.runs == 2)
            #expect(report.written == 200 && report.isWhole)
            let rest = server.requests.dropFirst(before).filter { $0.method == "PUT" }.flatMap { Write($0, 0).keys }
            #expect(rest.count == 150 && rest.first == "k100050")
        }
    }

    // MARK: Expirations

    @Test(arguments: [10_000, 300])
    func `a record that expires while its request waits is no hole`(chunkBytes: Int) async throws {
        let now: Int64 = 2_000_000_000
        let clock = SettableClock(now)
        let value = String(repeating: "v", count: 400)
        let records = [
            KVRecord(key: "a", text: value),
            KVRecord(key: "b", value: Array(value.utf8), expiration: UnixTime(seconds: now + 100)),
        ]
        let (report, _, _) = try await Self.restore(records) {
            $0.chunkBytes = chunkBytes
            $0.concurrency = 1
        } clock: {
            clock.time
        } answer: { write in
            guard write.text.contains("\"b\"") || write.target.contains("/b?") else { return write.success }
            clock.set(now + 50)
            return .failure(400, code: 10033, "Invalid expiration")
        }
        #expect(report?.written == 1)
        #expect(report?.expiredKeys == ["b"])
        #expect(report?.holes.isEmpty == true)
    }

    @Test func `an expiration that the API never takes is a hole in the end`() async throws {
        let now: Int64 = 2_000_000_000
        let clock = SettableClock(now)
        let records = Self.records(4) + [KVRecord(key: "z", value: [0x31], expiration: UnixTime(seconds: now))]
        let (report, _, writes) = try await Self.restore(records) {
            $0.expiring = .extend
        } clock: {
            clock.time
        } answer: { write in
            clock.set(now + Int64(write.number))
            return write.keys.contains("z") ? .failure(400, code: 10033, "Invalid expiration") : write.success
        }
        #expect(report?.written == 4 && report?.extended == 0)
        #expect(report?.holes.map(\.key) == ["z"])
        #expect(writes.count < 30)
    }

    @Test func `an expiration that is moved twice counts once`() async throws {
        let now: Int64 = 2_000_000_000
        let clock = SettableClock(now)
        let record = KVRecord(key: "a", value: [0x31], expiration: UnixTime(seconds: now + 10))
        let (report, _, writes) = try await Self.restore([record]) {
            $0.expiring = .extend
        } clock: {
            clock.time
        } answer: { write in
            clock.set(now + 40)
            return write.number == 0
                ? .success(#"{"successful_key_count":0,"unsuccessful_keys":["a"]}"#) : write.success
        }
        #expect(report?.extended == 1 && report?.written == 1)
        #expect(writes.last?.text.contains("\(now + 130)") == true)
    }

    // MARK: The daily quota

    /// A server with so many writes left today.
    private final class Quota: Sendable {
        private let left: Mutex<Int>

        init(_ left: Int) { self.left = Mutex(left) }

        func set(_ count: Int) { left.withLock { $0 = count } }

        func answer(_ write: Write) -> ScriptedServer.Answer {
            let isTaken = left.withLock { left in
                guard write.keys.count <= left else { return false }
                left -= write.keys.count
                return true
            }
            return isTaken ? write.success : .failure(429, code: 10048, "free usage limit")
        }
    }

    @Test func `what is left of a quota is used, and the next day goes on from there`() async throws {
        let quota = Quota(700)
        let checkpoints = MemoryVault()
        let archive = try await madeArchive(Self.records(2_000))
        let isEmpty = Mutex(true)
        try await withScriptedClient { request, _ in
            guard request.method == "GET" else { return quota.answer(Write(request, 0)) }
            if request.target.contains("/values/") { return .http(200, "v") }
            return .keyList(isEmpty.withLock { $0 } ? [] : ["k100000"])
        } _: { client, server in
            let resumed = Mutex<ResumedReplay?>(nil)
            var options = ReplayJob.Options()
            options.checkpoints = checkpoints
            options.concurrency = 1
            options.onResume = { restore in resumed.withLock { $0 = restore } }
            let job = ReplayJob(of: ArchiveRecordSource(archive), to: Self.target, client: client, options: options)
            let error = await failure { _ = try await job.run() }
            #expect((error as? KVError)?.code == .dailyQuotaUsed)
            isEmpty.withLock { $0 = false }
            quota.set(1_300)
            let report = try await job.run()
            #expect(resumed.withLock { $0?.written } == 700)
            #expect(report.written == 2_000 && report.isWhole)
        }
    }

    @Test func `a request that is larger than any quota is not waited with for ever`() async throws {
        let quota = Quota(0)
        let days = Mutex(0)
        let (report, error, _) = try await Self.restore(
            Self.records(2_500),
            client: { options in
                var options = options
                options.waitsForDailyQuota = true
                options.clock = PaceClock(
                    now: { Double(days.withLock { $0 }) * 86_400 }, unixNow: { 0 },
                    sleep: { _ in
                        try Task.checkCancellation()
                        days.withLock { $0 += 1 }
                        quota.set(1_000)
                    })
                return options
            }
        ) { quota.answer($0) }
        #expect(report?.written == 2_500, "\(String(describing: error))")
        #expect((3...20).contains(days.withLock { $0 }))
    }

    // MARK: New namespaces

    @Test func `a namespace that the API does not know yet is waited for`() async throws {
        let (report, error, writes) = try await Self.restore(Self.records(3)) { write in
            write.number < 3 ? .failure(404, code: 10013, "namespace not found") : write.success
        }
        #expect(report?.written == 3, "\(String(describing: error))")
        #expect(writes.count == 4)
    }

    @Test func `a namespace that goes away is not waited for`() async throws {
        let (_, error, writes) = try await Self.restore(Self.records(3)) {
            $0.chunkPairs = 1
            $0.concurrency = 1
        } answer: { write in
            write.number > 0 ? .failure(404, code: 10013, "namespace not found") : write.success
        }
        #expect((error as? KVError)?.code == .namespaceNotFound)
        #expect(writes.count == 2)
    }

    @Test func `an old namespace gets no key with the percent-encoding of its path`() async throws {
        let value = String(repeating: "v", count: 400)
        let archive = try await madeArchive([KVRecord(key: "a/b", text: value), KVRecord(key: "ab", text: value)])
        try await withScriptedClient { request, _ in
            request.method == "GET" ? .keyList() : .success()
        } _: { client, server in
            var options = ReplayJob.Options()
            options.chunkBytes = 300
            let old = Namespace(id: "n", title: "n", supportsURLEncoding: false)
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: old, client: client, options: options
            ).run()
            #expect(report.written == 1)
            #expect(report.holes.map(\.key) == ["a/b"])
            #expect(server.requests.count { $0.method == "PUT" } == 1)
        }
    }
}
