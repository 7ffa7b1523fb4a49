import CommandArguments
import KVTransfer

/// How records are written, whatever happens to those that are there.
struct WritingOptions: ParsableArguments {
    static let helpSection: String? = "Writing"

    @Option(
        help: ArgumentHelp("Delete up to so many keys without asking; with --all, of each namespace.", valueName: "n"))
    var maxDelete: Int?

    @Flag(help: "Delete without asking.")
    var yes = false

    @Flag(help: "Say what would be done and what that takes, and write nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "What to do with records that have expired or will within 90 seconds: leave them out, give them 90 seconds, "
                + "or write nothing."))
    var expiring = ExpiringChoice.skip

    @Flag(help: "Write everything, also what an unfinished run has written already.")
    var startOver = false

    func validate() throws {
        if maxDelete != nil, yes { throw ValidationError("--max-delete and --yes exclude each other") }
        if let maxDelete, maxDelete < 0 { throw ValidationError("--max-delete is a number from 0 on") }
    }

    /// Writes the records of a source and tells the user what came of it.
    ///
    /// - Parameters:
    ///   - source: The records, checked already, because a namespace may be made for them.
    ///   - place: The namespace to write to.
    ///   - job: What the command calls it: `restore`.
    ///   - whenMissing: What happens when there is no such namespace.
    ///   - connection: How to reach the API.
    ///   - output: What the user wants to be told.
    ///   - part: What the job is told, if it is one of many.
    ///   - check: Looks at the namespace before anything is written.
    ///   - adjust: Says the rest of how it is written.
    /// - Returns: What was written, and how long that took.
    /// - Throws: ``TransferError``; ``KVError``; `VaultError`; the source's errors; `CancellationError`.
    func replay(
        _ source: any ResumableSource, to place: NamespacePlace, as job: String, ifMissing whenMissing: WhenMissing,
        _ connection: ConnectionOptions, _ output: OutputOptions, _ part: AccountRun.Part? = nil,
        check: (KVClient, Namespace) throws -> Void = { _, _ in }, _ adjust: (inout ReplayJob.Options) -> Void
    ) async throws -> (report: ReplayReport, elapsed: Duration) {
        var chosen = jobOptions(job, output)
        adjust(&chosen)
        let adjusted = chosen
        return try await place.withNamespace(connection, output, ifMissing: whenMissing) { client, namespace in
            try check(client, namespace)
            var options = adjusted
            // A namespace that is only pretended has no keys to look for.
            if namespace.id.rawValue.isEmpty { options.onConflict = .merge }
            if part != nil {
                // Large values of several namespaces at once would fill the memory.
                options.concurrency = 1
                options.preferredBytes /= 4
            }
            // Of several at once, nobody could tell what is asked.
            if part == nil {
                let which = "that \(source.name) \(options.deletions == nil ? "does not have" : "deletes")"
                options.confirmDeletions = { count in
                    let question = "delete \(Amounts.count(count, "key")) of \(KVKey(namespace.title)) \(which)?"
                    return await Prompt.confirms("\(question) Type yes", answer: "yes")
                }
            }
            let progress = ProgressLine("writing", output)
            defer { progress.clear() }
            let report = try await ReplayJob(of: source, to: namespace, client: client, options: options)
                .run(progress: part?.progress ?? progress.receiver)
            progress.clear()
            ReplaySummary(report: report, elapsed: progress.elapsed).say(output)
            return (report, progress.elapsed)
        }
    }

    /// The options of a replay, without what happens to records that are there.
    func jobOptions(_ job: String, _ output: OutputOptions) -> ReplayJob.Options {
        var options = ReplayJob.Options()
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
