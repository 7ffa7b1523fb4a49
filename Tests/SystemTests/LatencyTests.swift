import Foundation
import KVTestSupport
import Testing

/// The embedded server as one that is far away.
@Suite struct LatencyTests {
    @Test func `every answer is held back, and a backup over that distance is as good as any`() async throws {
        try await Workbench.withServer(["--latency", "300"]) { bench in
            let start = ContinuousClock.now
            let created = try await bench.kvark("namespace", "create", "far")
            #expect(created.status == 0, "\(created.errorText)")
            #expect(ContinuousClock.now - start >= .milliseconds(300))
            try await bench.load("n", records: 3_000)
            let backup = try await bench.kvark("backup", "n", "--to", "vault", "--json")
            #expect(backup.status == 0, "\(backup.errorText)")
            let requests = try bench.requests()
            #expect(requests.count { $0.route == "keys-list" && $0.status == 200 } == 3)
            #expect(requests.count { $0.route == "bulk-get" && $0.status == 200 } == 30)
            let verified = try await bench.kvark("verify", "vault/n/latest", "--json")
            #expect(verified.status == 0, "\(verified.errorText)")
        }
    }
}
