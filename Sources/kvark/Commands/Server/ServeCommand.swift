import CommandArguments
import Foundation
import KVModel
import KVServer

/// `kvark serve`: the embedded server, until a signal.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a server that speaks the Workers KV REST API.",
        discussion: """
            Point kvark, wrangler or the official SDKs at it to rehearse a migration or drill a restore. Namespaces are \
            kept in the data folder; what was acknowledged survives a crash. The token is made on the first start.

            Examples:

              kvark serve
              kvark serve --data ./drill --port 0 --port-file ./drill.port
              kvark serve --rate-limit 1200/300 --request-log requests.ndjson
              kvark serve --latency 80
            """
    )

    @Option(
        help: ArgumentHelp("The folder that holds the namespaces, made if it is not there.", valueName: "dir"),
        completion: .folders)
    var data = "./kvark-data"

    @Flag(help: "Keep everything in memory; all is gone when the server stops.")
    var inMemory = false

    @Option(help: "The address to listen at.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen at; 0 takes a free one.")
    var port = 8790

    @Option(
        help: ArgumentHelp("Write the port to this file once connections are accepted.", valueName: "file"),
        completion: .files)
    var portFile: String?

    @Option(
        help: ArgumentHelp("Read the token clients must show from this file.", valueName: "file"), completion: .files)
    var tokenFile: String?

    @Option(help: ArgumentHelp("The id of the server's account: 32 hexadecimal digits.", valueName: "id"))
    var accountID: String?

    @Option(
        help: ArgumentHelp(
            "Answer only so many requests in so many seconds; production grants 1200/300.",
            valueName: "requests/seconds"))
    var rateLimit: String?

    @Option(
        help: ArgumentHelp(
            "Hold back every answer so many milliseconds, as if the server were far away.", valueName: "milliseconds"))
    var latency = 0

    @Option(
        help: ArgumentHelp("Append a line of JSON for each request to this file.", valueName: "file"),
        completion: .files)
    var requestLog: String?

    @Flag(help: "Allow an address that other machines can reach; the connection is not encrypted.")
    var allowRemote = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("the port must be from 0 to 65535") }
        if let rateLimit, RateLimit(rateLimit) == nil {
            throw ValidationError("the rate limit must be REQUESTS/SECONDS, such as 1200/300")
        }
        guard (0...60_000).contains(latency) else {
            throw ValidationError("--latency is a number of milliseconds from 0 to 60000")
        }
        guard allowRemote || Loopback.contains(host) else {
            throw ValidationError("\(host) can be reached from other machines; say --allow-remote if that is meant")
        }
    }

    func run() async throws {
        try await withKVServer(options) { running in
            if let portFile { try PortFile.write(running.port, to: portFile) }
            announce(running)
            await Self.untilCancelled()
            say("stopping", to: .standardError)
        }
    }

    /// Waits for the first signal, which cancels the command.
    private static func untilCancelled() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    }

    private var options: KVServerOptions {
        let folder = URL(fileURLWithPath: data).standardizedFileURL.path
        var options = KVServerOptions(storage: inMemory ? .inMemory : .folder(folder))
        options.host = host
        options.port = port
        options.tokenFile = tokenFile.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        options.accountID = accountID.map { AccountID(rawValue: $0) }
        options.rateLimit = rateLimit.flatMap { RateLimit($0) }
        options.latency = .milliseconds(latency)
        options.requestLog = requestLog
        options.log = { StandardError.line("kvark: \($0)") }
        return options
    }

    private func announce(_ running: RunningServer) {
        let token = running.tokenPath.map { "$(cat \(Self.shellQuoted($0)))" } ?? running.token
        say(
            """
            export CLOUDFLARE_API_BASE_URL=\(running.baseURL)
            export CLOUDFLARE_BASE_URL=\(running.baseURL)
            export CLOUDFLARE_ACCOUNT_ID=\(running.accountID)
            export CLOUDFLARE_API_TOKEN=\(token)
            """, to: .standardOutput)
        say("listening at \(running.baseURL); stop with Ctrl-C or SIGTERM", to: .standardError)
    }

    /// Writes a line at once; a buffered one would reach a pipe when the server stops.
    private func say(_ text: String, to handle: FileHandle) {
        // Nobody may be reading any more; the server goes on all the same.
        try? handle.write(contentsOf: Data("\(text)\n".utf8))
    }

    private static func shellQuoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}

/// The file that tells a script which port was taken.
private enum PortFile {
    /// Writes the port under another name first, so that who sees the file sees all of it.
    static func write(_ port: Int, to path: String) throws {
        let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).new"
        do {
            try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: temporary))
        } catch {
            throw KVServerError(.portFileUnusable, "cannot write the port file \(path): \(error.localizedDescription)")
        }
        guard rename(temporary, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw KVServerError(.portFileUnusable, "cannot write the port file \(path): \(reason)")
        }
    }
}

extension KVServerError.Code {
    /// The port file cannot be written.
    fileprivate static let portFileUnusable = Self(rawValue: "port-file-unusable")
}
