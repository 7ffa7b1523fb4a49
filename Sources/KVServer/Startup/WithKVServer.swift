import KVModel

/// Runs a server for as long as a piece of work takes.
///
///     try await withKVServer(KVServerOptions(storage: .inMemory)) { running in
///         print(running.baseURL, running.token, running.accountID)
///     }
///
/// The server accepts connections when `body` is called, and stops when `body` returns or throws: requests in flight are
/// finished, for `gracePeriod` at most. To stop it from outside, cancel the task, and let `body` return at that.
///
/// - Throws: A ``KVServerError`` if the server cannot start; what `body` throws.
package func withKVServer<Result>(
    _ options: KVServerOptions, _ body: (RunningServer) async throws -> Result
) async throws -> Result {
    let folder: DataFolder? =
        switch options.storage {
        case .folder(let path): try DataFolder(path)
        case .inMemory: nil
        }
    let identity = try ServerIdentity(options, folder: folder)
    let log = try options.requestLog.map { path throws(KVServerError) in try RequestLog(path: path, now: options.now) }
    let store = try openStore(folder, options)
    let counter = RequestCounter()
    let door = HTTPFrontDoor(
        service: APIService(store: store, accountID: identity.accountID),
        authentication: Authentication(token: identity.token),
        gate: RequestGate(options.rateLimit, now: options.now), log: log, counter: counter,
        voice: WarningVoice(options.log), latency: options.latency)

    let sweeping = options.sweepInterval.map { startSweeping(store, every: $0) }
    let outcome: Swift.Result<Result, any Error>
    do {
        let result = try await withListener(options, door) { port in
            try await body(
                RunningServer(
                    host: options.host, port: port, token: identity.token, tokenPath: identity.tokenPath,
                    accountID: identity.accountID, counter: counter, store: store))
        }
        outcome = .success(result)
    } catch {
        outcome = .failure(error)
    }
    sweeping?.cancel()
    await sweeping?.value
    let faultOfClosing = await close(store, folder)
    // Only now may another server have the folder.
    folder?.release()
    if case .failure(let error) = outcome, !(error is CancellationError) { throw error }
    if let faultOfClosing { throw faultOfClosing }
    return try outcome.get()
}

private func openStore(_ folder: DataFolder?, _ options: KVServerOptions) throws -> RecordStore {
    do {
        return try RecordStore(path: folder?.databasePath, now: options.now)
    } catch {
        let place = folder?.databasePath ?? "memory"
        throw KVServerError(.dataFolderUnusable, "cannot open the database in \(place): \(error)", cause: error)
    }
}

private func close(_ store: RecordStore, _ folder: DataFolder?) async -> KVServerError? {
    do {
        try await store.close()
        return nil
    } catch {
        let place = folder?.databasePath ?? "memory"
        return KVServerError(
            .dataFolderUnusable,
            "cannot close the database in \(place): \(error); nothing is lost, but a copy needs \(place)-wal too",
            cause: error)
    }
}

/// Removes expired records now and then; owned by ``withKVServer(_:_:)``, which cancels it and waits for its end.
private func startSweeping(_ store: RecordStore, every interval: Duration) -> Task<Void, Never> {
    Task {
        while !Task.isCancelled {
            // A failed sweep leaves rows that nobody sees; the next one tries again.
            _ = try? await store.sweep()
            try? await Task.sleep(for: interval)
        }
    }
}
