import Foundation
import KVTestSupport
import Testing

/// Backups of a server that grants 120 requests in 30 seconds, as the server's own log has them.
@Suite struct PacingTests {
    private static let limit = 120
    /// What the default leaves of this limit: a tenth, rounded up to whole requests.
    private static let reserve = 12

    @Test func `a backup of 600 requests sees no 429, uses its share and leaves the reserve untouched`() async throws {
        try await Workbench.withServer(["--rate-limit", "120/30"]) { bench in
            // 55 pages of keys and 545 bulk gets.
            try await bench.load("n", records: 54_500)
            let before = try bench.requestCount()
            let backup = try await bench.kvark("backup", "n", "--to", "vault")
            #expect(backup.status == 0, "\(backup.errorText)")
            let requests = try bench.requests().dropFirst(before)
            #expect(requests.count >= 600)
            #expect(requests.allSatisfy { $0.status == 200 })
            #expect(requests.compactMap(\.remaining).min() == Self.reserve)
            // The first window began before the backup, and the last one ends with it.
            let windows = Self.windows(of: requests.map { $0 }).dropFirst().dropLast()
            #expect(windows.count >= 4)
            print("pacing: requests in windows of \(Self.limit): \(windows)")
            #expect(windows.allSatisfy { $0 * 100 >= Self.limit * 85 }, "\(windows)")
        }
    }

    @Test func `beside a client that uses half of the limit a backup meets a handful of 429 at most`() async throws {
        try await Workbench.withServer(["--rate-limit", "120/30"]) { bench in
            try await bench.load("n", records: 15_000)
            let other = try Self.startOther(bench)
            defer { other.terminate() }
            let before = try bench.requestCount()
            let backup = try await bench.kvark("backup", "n", "--to", "vault", "--json")
            #expect(backup.status == 0, "\(backup.errorText)")
            #expect(other.isRunning)
            let requests = try bench.requests().dropFirst(before)
            let own = requests.count { $0.route != "namespace-get" }
            print(
                "pacing: beside another client, \(own) requests of \(requests.count), \(try Self.refused(backup)) refused"
            )
            #expect(try Self.refused(backup) <= 5)
            #expect(requests.count > own + 60)
            #expect(try await bench.kvark("verify", "vault/n/latest").status == 0)
        }
    }

    /// How many requests each of the server's windows had.
    private static func windows(of requests: [Workbench.LoggedRequest]) -> [Int] {
        var windows: [Int] = []
        var remaining = 0
        for request in requests {
            // Answers overtake each other by a few; only a new window brings back most of the limit.
            if let left = request.remaining, left > remaining + limit / 2 { windows.append(0) }
            remaining = request.remaining ?? remaining
            if !windows.isEmpty { windows[windows.count - 1] += 1 }
        }
        return windows
    }

    /// Starts a client that makes two requests a second, whatever it is answered.
    private static func startOther(_ bench: Workbench) throws -> Process {
        let script = """
            while :; do
                curl -s -o other.json -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" \
                    "$CLOUDFLARE_API_BASE_URL/accounts/$CLOUDFLARE_ACCOUNT_ID/storage/kv/namespaces/none"
                sleep 0.5
            done
            """
        let process = CommandRunner.makeProcess("/bin/bash", ["-c", script], bench.environment, in: bench.folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try CommandRunner.start(process)
        return process
    }

    /// How many of a backup's requests were refused for the limit.
    private static func refused(_ backup: CommandRunner.Outcome) throws -> Int {
        struct Report: Decodable {
            struct Read: Decodable { var retriesByCause: [String: Int] }
            var read: Read
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(backup.output))
        return report.read.retriesByCause["rate-limited"] ?? 0
    }
}
