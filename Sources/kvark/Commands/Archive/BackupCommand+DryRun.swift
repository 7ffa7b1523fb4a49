import KVTransfer

/// What a backup would take, from a list of the keys.
extension BackupCommand {
    /// Counts the keys and says what reading them takes; writes nothing.
    ///
    /// How large values are and which are not text, the last archive tells; without one, all are taken for texts of 1 KB.
    ///
    /// - Returns: What is said of the namespace among many.
    /// - Throws: ``TransferError`` with `namespaceMixUp`; ``KVError``; `VaultError`; `CancellationError`.
    func rehearse(
        _ namespace: Namespace, _ client: KVClient, _ vault: FolderVault, _ part: AccountRun.Part? = nil
    ) async throws -> AccountRun.Outcome {
        let progress = ProgressLine("listing", output)
        defer { progress.clear() }
        let folder = ArchiveCatalog.namespaceFolder(forTitle: namespace.title)
        let archives = try await ArchiveCatalog.archives(in: vault, of: folder)
        try BackupJob.checkOrigin(of: archives, namespace, client.options.accountID, in: vault)
        let source = NamespaceSource(namespace, client: client).selecting(filter.selection)
        var keys = 0
        try await source.forEachKeyBatch { batch in
            keys += batch.count
            (part?.progress ?? progress.receiver)(JobProgress(records: keys))
        }
        progress.clear()
        var size = Self.size(keys, archives.last(where: \.isComplete)?.manifest?.totals)
        if exact { size.notText = keys }
        let lists = client.statistics.requests[.keyList] ?? 0
        var estimate = JobEstimate.reading(size)
        // Where some keys are chosen of many, all are listed.
        estimate.requests.lists = max(estimate.requests.lists, lists)
        // A second look lists them all again.
        if settle { estimate.requests.lists *= 2 }
        estimate.operations.lists = estimate.requests.lists
        let plan = PlanSummary(estimate)
        output.say("would back up \(Amounts.count(keys, "key")) of \(KVKey(namespace.title))")
        output.say(plan.line("the run itself"))
        if output.json {
            try JSONOutput.write(RehearsalJSON(namespace: namespace.title, keys: keys, plan: plan))
        }
        return AccountRun.Outcome(text: "dry run: \(Amounts.count(keys, "key"))", isWhole: true)
    }

    /// How much so many keys are, if they are as those of the last archive.
    private static func size(_ keys: Int, _ last: ArchiveTotals?) -> JobSize {
        guard let totals = last, totals.records > 0 else {
            return JobSize(keys: keys, valueBytes: keys * 1_000)
        }
        let share = Double(keys) / Double(totals.records)
        return JobSize(
            keys: keys, notText: Int(bounded: (Double(totals.base64Values) * share).rounded()),
            valueBytes: Int(bounded: (Double(totals.valueBytes) * share).rounded()))
    }
}

/// What a backup would take, for a program.
private struct RehearsalJSON: Encodable {
    let namespace: String
    let dryRun = true
    let keys: Int
    let plan: PlanSummary
}
