import Foundation
import KVModel
import KVTestSupport
import Testing

/// Backups, restores, imports and copies that are killed at random moments, and started again with the same command until they are done.
///
/// `KVARK_KILL_ROUNDS=100` in the environment makes so many rounds of each instead of a few.
@Suite struct KillTests {
    private static let rounds = ProcessInfo.processInfo.environment["KVARK_KILL_ROUNDS"].flatMap { Int($0) } ?? 3
    private static let records = 30_000
    /// After so many kills a job is left alone, so that it comes to its end.
    private static let killsMaximum = 12
    /// What a kill may cost a backup: the requests since the last checkpoint, at most 200, and those in flight then.
    private static let backupRequestsPerKill = 400
    /// What a kill may cost a restore or an import: two bulk writes in flight, and the looking up of the namespace.
    private static let restoreRequestsPerKill = 8

    @Test(.timeLimit(.minutes(60)))
    func `a backup, a restore, an import and a copy that are killed at random moments end identical`() async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: Self.records)
            let undisturbed = try await Self.undisturbed(bench)
            for seed in Seed.several(Self.rounds) {
                var generator = seed.generator
                let vault = "vault-\(seed.value)"
                let backup = try await Self.runKilled(
                    ["backup", "n", "--to", vault], bench, undisturbed.backup, &generator)
                #expect(backup.repeated <= backup.kills * Self.backupRequestsPerKill, "\(seed)")
                let archive = try await Self.checkArchive(in: vault, bench, digest: undisturbed.digest, seed)

                let restore = try await Self.writeKilled(
                    ["restore", archive], archive, bench, undisturbed.restore, seed, &generator)
                let records = try await bench.kvark("cat", archive).output
                try Data(records).write(to: URL(filePath: "\(bench.folder)/records.ndjson"))
                let imported = try await Self.writeKilled(
                    ["import", "records.ndjson"], archive, bench, undisturbed.restore, seed, &generator)
                let copied = try await Self.writeKilled(
                    ["copy", "n"], archive, bench, undisturbed.backup, seed, &generator)
                print(
                    "kill: seed \(seed.value): backup \(backup), restore \(restore), import \(imported), copy \(copied)"
                )
                try FileManager.default.removeItem(atPath: "\(bench.folder)/\(vault)")
            }
        }
    }
}

extension KillTests {
    /// What a job that nobody disturbs asks of the server.
    private struct Undisturbed {
        var requests: Int
        var logBytes: Int
    }

    /// A job that was killed some times and came to its end.
    private struct Killed: CustomStringConvertible {
        var kills: Int
        var requests: Int
        /// How many requests an undisturbed run would not have made.
        var repeated: Int

        init(kills: Int, _ bench: Workbench, _ undisturbed: Undisturbed) throws {
            self.kills = kills
            requests = try bench.requestCount()
            repeated = requests - undisturbed.requests
        }

        var description: String { "killed \(kills) times, \(requests) requests, \(repeated) of them repeated" }
    }

    private static func undisturbed(
        _ bench: Workbench
    ) async throws -> (backup: Undisturbed, restore: Undisturbed, digest: String) {
        try bench.clearLog()
        let backup = try await bench.kvark("backup", "n", "--to", "undisturbed", "--json")
        try #require(backup.status == 0, "\(backup.errorText)")
        let counted = Undisturbed(requests: try bench.requestCount(), logBytes: try bench.logBytes())
        _ = try await bench.kvark("namespace", "create", "undisturbed")
        try bench.clearLog()
        let restore = try await bench.kvark("restore", "undisturbed/n/latest", "--to", "undisturbed")
        try #require(restore.status == 0, "\(restore.errorText)")
        return (
            counted, Undisturbed(requests: try bench.requestCount(), logBytes: try bench.logBytes()),
            try digest(of: backup)
        )
    }

    private static func digest(of outcome: CommandRunner.Outcome) throws -> String {
        struct Report: Decodable { var contentDigest: String }
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output)).contentDigest
    }

    /// Runs a command again and again, killing it at random moments, until it gets to its end before that.
    private static func runKilled(
        _ arguments: [String], _ bench: Workbench, _ undisturbed: Undisturbed, _ generator: inout SeededGenerator
    ) async throws -> Killed {
        try bench.clearLog()
        for kills in 0..<killsMaximum {
            let before = try bench.logBytes()
            let process = try bench.start(arguments)
            // At most half as far as an undisturbed run gets, so that most jobs are killed more than once.
            let progress = generator.chance(0.2) ? 0 : Int.random(in: 0...undisturbed.logBytes / 2, using: &generator)
            while process.isRunning, try bench.logBytes() < before + progress {
                try await Task.sleep(for: .milliseconds(1))
            }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...30_000, using: &generator)))
            kill(process.processIdentifier, SIGKILL)
            try await process.ended()
            if process.terminationReason == .exit {
                let said = try String(contentsOfFile: "\(bench.folder)/started.err", encoding: .utf8)
                // Killed after the last thing it had to do, a restore finds its own work and must not write again.
                #expect(process.terminationStatus == 0 || said.contains("is not empty"), "\(said)")
                return try Killed(kills: kills, bench, undisturbed)
            }
        }
        let last = try await bench.kvark(arguments)
        #expect(last.status == 0, "\(last.errorText)")
        return try Killed(kills: killsMaximum, bench, undisturbed)
    }

    /// Writes an archive's records into a new namespace with a command that is killed again and again, and compares.
    private static func writeKilled(
        _ command: [String], _ archive: String, _ bench: Workbench, _ undisturbed: Undisturbed, _ seed: Seed,
        _ generator: inout SeededGenerator
    ) async throws -> Killed {
        let target = "\(command[0])-\(seed.value)"
        _ = try await bench.kvark("namespace", "create", target)
        let isCopy = command[0] == "copy"
        let arguments = command + (isCopy ? [target] : ["--to", target])
        let killed = try await runKilled(arguments, bench, undisturbed, &generator)
        // A copy has to read again what was on its way, which is as much as two bulk writes hold.
        if !isCopy { #expect(killed.repeated <= killed.kills * restoreRequestsPerKill, "\(seed)") }
        let diff = try await bench.kvark("diff", archive, target)
        #expect(diff.status == 0, "\(seed): \(diff.outputText.prefix(2_000))")
        _ = try await bench.kvark("namespace", "delete", target, "--yes")
        return killed
    }

    /// Checks the only archive of a vault, and that nothing unfinished is beside it; its path.
    private static func checkArchive(
        in vault: String, _ bench: Workbench, digest: String, _ seed: Seed
    ) async throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(bench.folder)/\(vault)/n")
        // Killed after the last thing it had to do, a backup is whole, and the next run adds another.
        #expect((1...2).contains(names.count) && !names.contains { $0.contains("unfinished") }, "\(seed): \(names)")
        let archive = "\(vault)/n/latest"
        let verification = try await bench.kvark("verify", archive)
        #expect(verification.status == 0, "\(seed): \(verification.errorText)")
        let shown = try await bench.kvark("show", archive, "--json")
        #expect(shown.outputText.contains(digest), "\(seed): \(shown.outputText)")
        return archive
    }
}
