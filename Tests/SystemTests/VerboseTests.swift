import KVTestSupport
import Testing

/// What `--verbose` adds on standard error.
@Suite struct VerboseTests {
    @Test func `a request that is sent again is a line with its facts, and only with --verbose`() async throws {
        try await Workbench.withServer { bench in
            let plan = FaultPlan.scripted { _, index in index == 0 ? .status500 : nil }
            for (options, lines) in [([], 0), (["--verbose"], 1), (["-v", "--quiet"], 1)] {
                try await FaultProxy.withProxy(to: try bench.port, plan: plan) { proxy in
                    let outcome = try await bench.kvark(
                        ["namespace", "list"] + options,
                        environment: ["CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:\(proxy.port)/client/v4"])

                    #expect(outcome.status == 0 && proxy.injected[.status500] == 1)
                    let told = outcome.errorText.split(separator: "\n").filter { $0.contains("sent again") }
                    #expect(told.count == lines, "\(options): \(outcome.errorText)")
                    let form = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ debug: request is sent again( [a-z-]+=.+)+/
                    #expect(told.allSatisfy { $0.wholeMatch(of: form) != nil }, "\(told)")
                    #expect(told.allSatisfy { $0.contains(" attempt=1 ") }, "\(told)")
                }
            }
        }
    }
}
