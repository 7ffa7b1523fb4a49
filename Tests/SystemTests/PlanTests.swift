import Foundation
import KVTestSupport
import Testing

@Suite struct PlanTests {
    private struct Plan: Decodable {
        struct Job: Decodable {
            var job: String
            var requestsTotal: Int
        }

        var keys: Int
        var notText: Int
        var jobs: [Job]
    }

    private static func plan(_ outcome: CommandRunner.Outcome) throws -> Plan {
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return try JSONDecoder().decode(Plan.self, from: Data(outcome.output))
    }

    @Test func `an archive, a list and a number tell how much there is`() async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: 3_000)
            #expect(try await bench.kvark("backup", "n", "--to", "vault").status == 0)
            try bench.clearLog()
            let archive = try Self.plan(try await bench.kvark("plan", "vault/n/latest", "--json"))
            let lines = try await bench.bash("\"$KVARK\" cat vault/n/latest | jq -s '[.[] | select(.base64)] | length'")
            let notText = try #require(Int(lines.lastLine))
            #expect(archive.keys == 3_000 && archive.notText == notText && notText > 10)
            #expect(try bench.requestCount() == 0)
            // Lists, a bulk read for a hundred texts or some more for what is large, and single ones.
            let least = 3 + (3_000 - notText) / 100 + notText
            #expect(try #require(archive.jobs.first { $0.job == "backup" }).requestsTotal >= least)
            let counted = try Self.plan(try await bench.kvark("plan", "n", "--count", "--json"))
            #expect(counted.keys == 3_000 && counted.notText == 0)
            #expect(try bench.requestCount() == 4)
            let said = try Self.plan(try await bench.kvark("plan", "--keys", "3000", "--not-text", "1%", "--json"))
            #expect(said.keys == 3_000 && said.notText == 30)

            let text = try await bench.kvark("plan", "--keys", "1000000").outputText
            for part in ["1,000,000 keys", "11,000", "45m 50s", "$0.51", "10 days", "$5.01", "Assumed:"] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
            #expect(try await bench.kvark("plan", "n").status == 1)
            for wrong in [
                [], ["n", "--keys", "1"], ["--keys", "-1"], ["--keys", "999999999999"], ["--keys", "1", "--count"],
            ] {
                #expect(try await bench.kvark(["plan"] + wrong).status == 64, "\(wrong)")
            }
        }
    }
}
