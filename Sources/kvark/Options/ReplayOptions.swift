import CommandArguments
import KVTransfer

/// How records are written; the same for every command that writes records into a namespace.
struct ReplayOptions: ParsableArguments {
    static let helpSection: String? = "Writing"

    @Flag(help: "Write into a namespace that has keys: keys that both have are written over, others stay.")
    var merge = false

    @Flag(help: "Write only keys that the namespace does not have.")
    var keepExisting = false

    @Flag(help: "As --merge, and then delete the keys that the source does not have; says how many and asks before.")
    var mirror = false

    @Flag(
        help:
            "Read the namespace, and write only records that differ: a write costs ten times what a read costs. Alone, as with --merge."
    )
    var differential = false

    @Flag(help: "Make the namespace when there is none with this title.")
    var create = false

    @OptionGroup var writing: WritingOptions

    func validate() throws {
        let policies = [merge, keepExisting, mirror].count { $0 }
        if policies > 1 { throw ValidationError("--merge, --keep-existing and --mirror exclude each other") }
        if keepExisting, differential {
            throw ValidationError("--keep-existing never writes over a record; --differential is about those")
        }
        if !mirror, writing.maxDelete != nil || writing.yes {
            throw ValidationError("--max-delete and --yes are for --mirror")
        }
    }

    /// Writes the records of a source and tells the user what came of it.
    ///
    /// - Parameters:
    ///   - source: The records, checked already, because a namespace may be made for them.
    ///   - place: The namespace to write to.
    ///   - job: What the command calls it: `restore`.
    ///   - connection: How to reach the API.
    ///   - output: What the user wants to be told.
    ///   - part: What the job is told, if it is one of many: then namespaces that are not there are made.
    ///   - check: Looks at the namespace before anything is written.
    /// - Returns: What was written, and how long that took.
    /// - Throws: ``TransferError``; ``KVError``; `VaultError`; the source's errors; `CancellationError`.
    func replay(
        _ source: any ResumableSource, to place: NamespacePlace, as job: String, _ connection: ConnectionOptions,
        _ output: OutputOptions, _ part: AccountRun.Part? = nil,
        check: (KVClient, Namespace) throws -> Void = { _, _ in }
    ) async throws -> (report: ReplayReport, elapsed: Duration) {
        let whenMissing: WhenMissing = create || part != nil ? (writing.dryRun ? .pretend : .create) : .fail
        return try await writing.replay(
            source, to: place, as: job, ifMissing: whenMissing, connection, output, part, check: check
        ) { options in
            options.onConflict = conflict
            options.isDifferential = differential
        }
    }

    /// Refuses a namespace that has keys, and one that is not there, before a source is read that takes long.
    ///
    /// - Parameters:
    ///   - place: The namespace to write to.
    ///   - connection: How to reach the API.
    ///   - output: What the user wants to be told.
    ///   - part: What the job is told, if it is one of many.
    ///   - check: Looks at the namespace.
    /// - Throws: ``TransferError`` with `targetNotEmpty` or `namespaceNotFound`; ``KVError``; `VaultError`.
    func checkTarget(
        _ place: NamespacePlace, _ connection: ConnectionOptions, _ output: OutputOptions,
        _ part: AccountRun.Part? = nil, check: (KVClient, Namespace) throws -> Void = { _, _ in }
    ) async throws {
        let checkpoints = writing.dryRun ? nil : StateFolder.vault(output)
        try await place.withNamespace(connection, output, ifMissing: create || part != nil ? .pretend : .fail) {
            client, namespace in
            try check(client, namespace)
            guard conflict == .refuse, !namespace.id.rawValue.isEmpty else { return }
            try await ReplayJob.checkIsEmpty(namespace, client: client, checkpoints: checkpoints)
        }
    }

    /// What an unfinished replay into the namespace is made from, if it may be gone on from.
    func unfinishedSource(
        _ place: NamespacePlace, _ connection: ConnectionOptions, _ output: OutputOptions
    ) async throws -> String? {
        let options = writing.jobOptions("copy", output)
        return try await place.withNamespace(connection, output, ifMissing: .pretend) { client, namespace in
            guard !namespace.id.rawValue.isEmpty else { return nil }
            return try await ReplayJob.unfinishedSource(of: namespace, client: client, options: options)
        }
    }

    private var conflict: ReplayJob.Conflict {
        if mirror { return .mirror }
        if keepExisting { return .keepExisting }
        return merge || differential ? .merge : .refuse
    }
}
