import KVTestSupport
import Testing

/// The embedded server as one that is far away.
@Suite struct LatencyTests {
    @Test func `every answer is held back, and requests that come at the same time wait at the same time`() async throws
    {
        try await Workbench.withServer(["--latency", "300"]) { bench in
            let start = ContinuousClock.now
            let created = try await bench.kvark("namespace", "create", "n")
            #expect(created.status == 0, "\(created.errorText)")
            #expect(ContinuousClock.now - start >= .milliseconds(300))
            try await bench.load("n", records: 3_000)
            let backup = try await bench.kvark("backup", "n", "--to", "vault", "--json")
            #expect(backup.status == 0, "\(backup.errorText)")
            // One after another, 30 bulk gets would begin at least 300 ms apart; so what overlaps shows in the server's log.
            let requests = try bench.requests().filter { $0.route == "bulk-get" }
            #expect(requests.count == 30)
            #expect(requests.allSatisfy { $0.status == 200 })
        }
    }
}
