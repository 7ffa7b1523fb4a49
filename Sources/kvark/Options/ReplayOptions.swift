import ArgumentParser
import KVTransfer

/// Where records are written and how; the same for every command that writes records into a namespace.
struct ReplayOptions: ParsableArguments {
    @Option(help: ArgumentHelp("An id, a title or kv://PROFILE/ID-or-TITLE.", valueName: "namespace"))
    var to: NamespacePlace

    @Flag(help: "Write into a namespace that has keys: keys that both have are written over, others stay.")
    var merge = false

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

    /// Writes the records of a source and tells the user what came of it.
    ///
    /// - Parameters:
    ///   - source: The records, checked already, because a namespace may be made for them.
    ///   - job: What the command calls it: `restore`.
    ///   - connection: How to reach the API.
    ///   - output: What the user wants to be told.
    /// - Returns: What was written, and how long that took.
    /// - Throws: ``TransferError``; ``KVError``; `VaultError`; the source's errors; `CancellationError`.
    func replay(
        _ source: any ResumableSource, as job: String, _ connection: ConnectionOptions, _ output: OutputOptions
    ) async throws -> (report: ReplayReport, elapsed: Duration) {
        let options = jobOptions(job, output)
        let whenMissing: WhenMissing = create ? (dryRun ? .pretend : .create) : .fail
        return try await to.withNamespace(connection, output, ifMissing: whenMissing) { client, namespace in
            var options = options
            // A namespace that is only pretended has no keys to look for.
            if namespace.id.rawValue.isEmpty { options.onConflict = .merge }
            let progress = ProgressLine("writing", output)
            defer { progress.clear() }
            let report = try await ReplayJob(of: source, to: namespace, client: client, options: options)
                .run(progress: progress.receiver)
            progress.clear()
            ReplaySummary(report: report, elapsed: progress.elapsed).say(output)
            return (report, progress.elapsed)
        }
    }

    private func jobOptions(_ job: String, _ output: OutputOptions) -> ReplayJob.Options {
        var options = ReplayJob.Options()
        options.onConflict = merge ? .merge : .refuse
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
