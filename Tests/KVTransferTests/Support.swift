import KVTestSupport
import KVTransfer

let someTool = Manifest.Tool(name: "kvark-tests", version: "0")

extension TestServer {
    /// Backs the test's namespace up into memory.
    func backUp(
        _ namespace: Namespace? = nil, prefix: KVKey = "", to vault: MemoryVault = MemoryVault()
    ) async throws -> (archive: Archive, report: BackupReport) {
        var options = BackupJob.Options(tool: someTool)
        options.prefix = prefix
        let job = BackupJob(of: namespace ?? self.namespace, client: client, to: vault, options: options)
        let report = try await job.run()
        return (try await Archive.open(in: vault, at: report.path), report)
    }

    /// Restores an archive into a new namespace.
    func restore(
        _ archive: Archive, title: String = "restored", prefix: KVKey = "",
        adjust: (inout ReplayJob.Options) -> Void = { _ in }
    ) async throws -> (namespace: Namespace, report: ReplayReport) {
        let target = try await client.createNamespace(title: title)
        var options = ReplayJob.Options()
        adjust(&options)
        let source = ArchiveRecordSource(archive, prefix: prefix)
        let report = try await ReplayJob(of: source, to: target, client: client, options: options).run()
        return (target, report)
    }

    /// All records of a namespace, read one by one: the plainest way, to compare the others with.
    func recordsReadOneByOne(in namespace: Namespace) async throws -> [KVRecord] {
        var records: [KVRecord] = []
        for try await listed in client.keys(in: namespace.id) {
            guard let stored = try await client.value(of: listed.key, in: namespace.id) else { continue }
            records.append(
                KVRecord(
                    key: listed.key, value: stored.bytes, metadata: listed.metadata, expiration: stored.expiration))
        }
        return records
    }
}

extension Archive {
    /// All records of the archive.
    func allRecords() async throws -> [KVRecord] {
        var records: [KVRecord] = []
        try await forEachBatch { lines in records += lines.map(\.record) }
        return records
    }
}

/// An archive of records, made without any server.
func madeArchive(_ records: [KVRecord], in vault: MemoryVault = MemoryVault()) async throws -> Archive {
    _ = try await withArchiveWriter(in: vault, at: "n/2026-01-01T000000Z") { writer in
        try await writer.append(records.sorted { $0.key < $1.key }.map(RecordLine.init))
        return ArchiveProvenance(tool: someTool, startedAt: UnixTime(seconds: 1_767_225_600))
    }
    return try await Archive.open(in: vault, at: "n/2026-01-01T000000Z")
}

/// The error that an operation ends with.
func failure(of operation: () async throws -> Void) async -> (any Error)? {
    do {
        try await operation()
        return nil
    } catch {
        return error
    }
}

/// Runs a client against a server that answers as told.
func withScriptedClient<Result>(
    _ answer: @escaping @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Answer,
    _ body: (KVClient, ScriptedServer) async throws -> Result
) async throws -> Result {
    try await ScriptedServer.withServer(answer) { server in
        var options = try KVClientOptions(
            accountID: "account", credentials: .apiToken("token"), baseURL: "http://127.0.0.1:\(server.port)")
        options.retryPolicy.maximumAttempts = 2
        options.retryPolicy.firstPause = .milliseconds(1)
        return try await withKVClient(options) { try await body($0, server) }
    }
}
