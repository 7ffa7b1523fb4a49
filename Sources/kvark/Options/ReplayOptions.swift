import ArgumentParser
import KVTransfer

/// How records are written; the same for every command that writes records into a namespace.
struct ReplayOptions: ParsableArguments {
    @Flag(help: "Write into a namespace that has keys: keys that both have are written over, others stay.")
    var merge = false

    @Flag(help: "Write only keys that the namespace does not have.")
    var keepExisting = false

    @Flag(help: "As --merge, and then delete the keys that the source does not have; says how many and asks before.")
    var mirror = false

    @Option(help: ArgumentHelp("With --mirror: delete up to so many keys without asking.", valueName: "n"))
    var maxDelete: Int?

    @Flag(help: "With --mirror: do not ask.")
    var yes = false

    @Flag(
        help:
            "Read the namespace, and write only records that differ: a write costs ten times what a read costs. Alone, as with --merge."
    )
    var differential = false

    @Flag(help: "Make the namespace when there is none with this title.")
    var create = false

    @Flag(help: "Say what would be done, and write nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "What to do with records that have expired or will within 90 seconds: leave them out, give them 90 seconds, "
                + "or write nothing.", valueName: "skip|extend|fail"))
    var expiring = ExpiringChoice.skip

    @Flag(help: "Write everything, also what an unfinished run has written already.")
    var startOver = false

    func validate() throws {
        let policies = [merge, keepExisting, mirror].count { $0 }
        if policies > 1 { throw ValidationError("--merge, --keep-existing and --mirror exclude each other") }
        if keepExisting, differential {
            throw ValidationError("--keep-existing never writes over a record; --differential is about those")
        }
        if !mirror, maxDelete != nil || yes { throw ValidationError("--max-delete and --yes are for --mirror") }
        if let maxDelete, maxDelete < 0 { throw ValidationError("--max-delete is a number from 0 on") }
    }

    /// Writes the records of a source and tells the user what came of it.
    ///
    /// - Parameters:
    ///   - source: The records, checked already, because a namespace may be made for them.
    ///   - place: The namespace to write to.
    ///   - job: What the command calls it: `restore`.
    ///   - connection: How to reach the API.
    ///   - output: What the user wants to be told.
    ///   - check: Looks at the namespace before anything is written.
    /// - Returns: What was written, and how long that took.
    /// - Throws: ``TransferError``; ``KVError``; `VaultError`; the source's errors; `CancellationError`.
    func replay(
        _ source: any ResumableSource, to place: NamespacePlace, as job: String, _ connection: ConnectionOptions,
        _ output: OutputOptions, check: (KVClient, Namespace) throws -> Void = { _, _ in }
    ) async throws -> (report: ReplayReport, elapsed: Duration) {
        let options = jobOptions(job, output)
        let whenMissing: WhenMissing = create ? (dryRun ? .pretend : .create) : .fail
        return try await place.withNamespace(connection, output, ifMissing: whenMissing) { client, namespace in
            try check(client, namespace)
            var options = options
            // A namespace that is only pretended has no keys to look for.
            if namespace.id.rawValue.isEmpty { options.onConflict = .merge }
            options.confirmDeletions = { count in
                let question =
                    "delete \(Amounts.count(count, "key")) of \(KVKey(namespace.title)) that the source does not have?"
                return await Prompt.confirms("\(question) Type yes", answer: "yes")
            }
            let progress = ProgressLine("writing", output)
            defer { progress.clear() }
            let report = try await ReplayJob(of: source, to: namespace, client: client, options: options)
                .run(progress: progress.receiver)
            progress.clear()
            ReplaySummary(report: report, elapsed: progress.elapsed).say(output)
            return (report, progress.elapsed)
        }
    }

    private var conflict: ReplayJob.Conflict {
        if mirror { return .mirror }
        if keepExisting { return .keepExisting }
        return merge || differential ? .merge : .refuse
    }

    private func jobOptions(_ job: String, _ output: OutputOptions) -> ReplayJob.Options {
        var options = ReplayJob.Options()
        options.onConflict = conflict
        options.isDifferential = differential
        options.deletionsMaximum = yes ? .max : maxDelete ?? 0
        options.isDryRun = dryRun
        options.expiring = expiring.policy
        options.startsAnew = startOver
        options.stop = CommandRun.stop
        options.checkpoints = dryRun ? nil : StateFolder.vault(output)
        options.onResume = { resumed in
            output.say(
                "going on with the \(job) of \(UTCTime.text(resumed.startedAt)): "
                    + "\(Amounts.count(resumed.written, "record")) up to key \(resumed.lastKey) are written; chunks that "
                    + "were in flight are written again")
        }
        return options
    }
}

/// The choices of `--expiring`.
enum ExpiringChoice: String, CaseIterable, ExpressibleByArgument {
    case skip, extend, fail

    var policy: ExpiringRecords {
        switch self {
        case .skip: .skip
        case .extend: .extend
        case .fail: .fail
        }
    }
}
