import Foundation
import KVTestSupport
import Synchronization
import Testing

/// Copies by the command, between two servers that know nothing of each other.
@Suite struct CopyTests {
    private struct Report: Decodable {
        var written: Int
        var kept: Int
        var unchanged: Int
        var deleted: Int
        var isWhole: Bool
        var readRequests: [String: Int]?
    }

    private static func report(_ outcome: CommandRunner.Outcome) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(outcome.output))
    }

    /// The variables with which the first server's commands reach the second as `kv://other/…`.
    private static func profile(_ other: Workbench) -> [String: String?] {
        Dictionary(
            uniqueKeysWithValues: ["API_TOKEN", "ACCOUNT_ID", "API_BASE_URL"].map {
                ("KVARK_OTHER_\($0)", other.environment["CLOUDFLARE_\($0)"] ?? nil)
            })
    }

    @Test func `a namespace is copied to another account, and then only what differs`() async throws {
        try await Workbench.withServer { other in
            try await Workbench.withServer { bench in
                let environment = Self.profile(other)
                func copy(_ arguments: String...) async throws -> CommandRunner.Outcome {
                    try await bench.kvark(["copy", "n", "kv://other/n"] + arguments, environment: environment)
                }
                try await bench.loadMixed("n", records: 3_000)
                let missing = try await copy()
                #expect(missing.status == 1 && missing.errorText.contains("--create"), "\(missing.errorText)")
                let announced = try Self.report(try await copy("--create", "--dry-run", "--json"))
                let first = try await copy("--create", "--json")
                #expect(first.status == 0, "\(first.errorText)")
                #expect(try Self.report(first).written == 3_000 && announced.written == 3_000)
                #expect(try Self.report(first).readRequests?["key-list"] == 3)
                #expect(try await bench.kvark("diff", "n", "kv://other/n", environment: environment).status == 0)
                let refused = try await copy()
                #expect(refused.status == 1 && refused.errorText.contains("is not empty"), "\(refused.errorText)")

                _ = try await other.kvark("key", "put", "n", "only here", "1")
                _ = try await bench.kvark("key", "put", "n", "new", "1")
                let unasked = try await copy("--mirror")
                #expect(
                    unasked.status == 1 && unasked.errorText.contains("would delete 1 keys"), "\(unasked.errorText)")
                let kept = try Self.report(try await copy("--keep-existing", "--dry-run", "--json"))
                #expect(kept.written == 1 && kept.kept == 3_000 && kept.deleted == 0)
                let mirrored = try await copy("--mirror", "--differential", "--max-delete", "1", "--json")
                #expect(mirrored.status == 0, "\(mirrored.errorText)")
                let report = try Self.report(mirrored)
                #expect(report.written == 1 && report.unchanged == 3_000 && report.deleted == 1 && report.isWhole)
                #expect(try await bench.kvark("diff", "n", "kv://other/n", environment: environment).status == 0)
            }
        }
    }

    @Test func `a namespace is not copied onto itself, and options that contradict each other are refused`()
        async throws
    {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 10)
            let itself = try await bench.kvark("copy", "n", "n", "--mirror", "--yes")
            #expect(itself.status == 1 && itself.errorText.contains("onto itself"), "\(itself.errorText)")
            for options in [
                ["--merge", "--mirror"], ["--keep-existing", "--differential"], ["--max-delete", "1"],
                ["--yes", "--merge"],
                ["--mirror", "--max-delete", "-1"],
            ] {
                let outcome = try await bench.kvark(["copy", "n", "m", "--create"] + options)
                #expect(outcome.status == 64, "\(options): \(outcome.errorText)")
            }
            #expect(try await bench.kvark("key", "list", "n").outputText.split(separator: "\n").count == 10)
        }
    }

    /// Whether the target's answers to writes are held back.
    private final class Held: Sendable {
        private let value = Mutex(true)
        var isSet: Bool { value.withLock { $0 } }
        func end() { value.withLock { $0 = false } }
    }

    @Test func `a copy by way of an archive reads once, and goes on with the archive it has`() async throws {
        try await Workbench.withServer { other in
            try await Workbench.withServer { bench in
                var environment = Self.profile(other)
                try await bench.loadMixed("n", records: 4_000)
                let held = Held()
                let plan = FaultPlan.scripted { request, _ in
                    request.method == "PUT" && held.isSet ? .stallAfter : nil
                }
                try await FaultProxy.withProxy(to: try other.port, plan: plan) { proxy in
                    environment["KVARK_OTHER_API_BASE_URL"] = "http://127.0.0.1:\(proxy.port)/client/v4"
                    let command = ["copy", "n", "kv://other/n", "--create", "--archive", "vault", "--match", "*"]
                    let announced = try await bench.kvark(command + ["--dry-run"], environment: environment)
                    #expect(announced.status == 0, "\(announced.errorText)")
                    #expect(!FileManager.default.fileExists(atPath: "\(bench.folder)/vault"))

                    try await Self.killWhileWriting(command, bench, other, environment)
                    held.end()

                    try bench.clearLog()
                    let next = try await bench.kvark(command + ["--json"], environment: environment)
                    #expect(next.status == 0, "\(next.errorText)")
                    #expect(next.errorText.contains("going on with the archive"), "\(next.errorText)")
                    #expect(try Self.report(next).written == 4_000)
                    #expect(
                        try bench.requests().allSatisfy { !["bulk-get", "value-get", "keys-list"].contains($0.route) })
                    let same = try await bench.kvark("diff", "n", "kv://other/n", environment: environment)
                    #expect(same.status == 0, "\(same.errorText)")
                    #expect(try await bench.kvark("diff", "vault/n/latest", "n").status == 0)

                    // Once that has come to its end, the next copy has an archive of its own.
                    let third = try await bench.kvark(command + ["--merge"], environment: environment)
                    #expect(third.status == 0, "\(third.errorText)")
                    let archives = try FileManager.default.contentsOfDirectory(atPath: "\(bench.folder)/vault/n")
                    #expect(archives.count { $0.hasPrefix("2") } == 2, "\(archives)")
                }
            }
        }
    }

    /// Kills a copy once the other server has got its first bulk write.
    private static func killWhileWriting(
        _ command: [String], _ bench: Workbench, _ other: Workbench, _ environment: [String: String?]
    ) async throws {
        let killed = try bench.start(command, environment: environment)
        while killed.isRunning, try !other.requests().contains(where: { $0.route == "bulk-put" }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        kill(killed.processIdentifier, SIGKILL)
        try await killed.ended()
    }

    @Test func `a copy of all does not go on with the archive of some`() async throws {
        try await Workbench.withServer { other in
            try await Workbench.withServer { bench in
                var environment = Self.profile(other)
                try await bench.load("n", records: 300)
                let held = Held()
                let plan = FaultPlan.scripted { request, _ in
                    request.method == "PUT" && held.isSet ? .stallAfter : nil
                }
                try await FaultProxy.withProxy(to: try other.port, plan: plan) { proxy in
                    environment["KVARK_OTHER_API_BASE_URL"] = "http://127.0.0.1:\(proxy.port)/client/v4"
                    let command = ["copy", "n", "kv://other/n", "--archive", "vault"]
                    let some = command + ["--create", "--prefix", "key:000000"]
                    try await Self.killWhileWriting(some, bench, other, environment)
                    held.end()
                    let all = try await bench.kvark(command + ["--merge", "--json"], environment: environment)
                    #expect(all.status == 0, "\(all.errorText)")
                    #expect(try Self.report(all).written == 300, "\(all.errorText)")
                    #expect(try await bench.kvark("diff", "n", "kv://other/n", environment: environment).status == 0)
                }
            }
        }
    }
}
