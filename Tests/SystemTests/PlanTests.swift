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
        var valueBytes: Int
        var known: String
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

    @Test func `a namespace is as large as the analytics say, and where they do not say, other ways are named`()
        async throws
    {
        let id = "0f2ac74b498b48028cb68387c421e279"
        let measured = """
            {"data":{"viewer":{"accounts":[{"kvStorageAdaptiveGroups":[
            {"dimensions":{"date":"2026-11-22"},"max":{"keyCount":2000000,"byteCount":900000000}},
            {"dimensions":{"date":"2026-11-21"},"max":{"keyCount":1,"byteCount":1}}]}]}},"errors":null}
            """
        let denied = #"{"data":null,"errors":[{"message":"not for this token","extensions":{"code":"authz"}}]}"#
        let nothing = #"{"data":{"viewer":{"accounts":[{"kvStorageAdaptiveGroups":[]}]}},"errors":null}"#
        func plan(_ analytics: ScriptedServer.Answer, _ arguments: String...) async throws -> CommandRunner.Outcome {
            try await ScriptedServer.withServer { request, _ in
                if request.target == "/graphql" { return analytics }
                return request.target.contains("page=1&")
                    ? .success("[{\"id\":\"\(id)\",\"title\":\"sessions\"}]") : .success("[]")
            } _: { server in
                let environment = [
                    "CLOUDFLARE_API_TOKEN": "cfut_0123456789abcdefghijklmnopqrstuvwxyzABCD",
                    "CLOUDFLARE_ACCOUNT_ID": "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
                    "CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:\(server.port)",
                ]
                return try await CommandRunner.run(
                    CommandRunner.kvark, ["plan", "sessions"] + arguments,
                    environment: CommandRunner.environment(changing: environment))
            }
        }
        let known = try Self.plan(try await plan(.http(200, measured), "--not-text", "1%", "--json"))
        #expect(known.keys == 2_000_000 && known.notText == 20_000 && known.valueBytes == 900_000_000)
        #expect(known.known == "as the analytics of 2026-11-22 say")
        for (answer, reason) in [
            (.http(200, denied), "not for this token"), (.http(200, nothing), "nothing of it"),
            (.failure(403, code: 10000, "Authentication error"), "Authentication error"),
            (.failure(404, code: 7000, "No route for that URI"), "has no analytics"),
            (.http(200, "<html>", type: "text/html"), "not that of the analytics"),
        ] as [(ScriptedServer.Answer, String)] {
            let outcome = try await plan(answer)
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome.errorText)")
            for part in [reason, "is not known", "--count", "--keys", "Account Analytics Read"] {
                #expect(outcome.errorText.contains(part), "\(part) in \(outcome.errorText)")
            }
        }
        // A namespace that is not there is no matter of the analytics.
        try await Workbench.withServer { bench in
            let missing = try await bench.kvark("plan", "none")
            #expect(missing.status == 1 && missing.errorText.contains("\"none\""), "\(missing.errorText)")
            _ = try await bench.kvark("namespace", "create", "n")
            let unmeasured = try await bench.kvark("plan", "n")
            #expect(unmeasured.status == 1 && unmeasured.errorText.contains("--count"), "\(unmeasured.errorText)")
        }
    }
}
