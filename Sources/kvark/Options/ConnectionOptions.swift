import CommandArguments
import Foundation
import KVTransfer

/// How to reach the API; what is not said here comes from the environment.
struct ConnectionOptions: ParsableArguments {
    static let helpSection: String? = "Connection"

    @Option(help: ArgumentHelp("The account, instead of CLOUDFLARE_ACCOUNT_ID.", valueName: "id"))
    var accountId: String?

    @Option(help: ArgumentHelp("Where the API is, instead of CLOUDFLARE_API_BASE_URL.", valueName: "url"))
    var apiBaseUrl: String?

    @Option(
        help: ArgumentHelp(
            "A file that holds the API token, instead of CLOUDFLARE_API_TOKEN. A token is never an argument, because "
                + "arguments show in the process list.", valueName: "file"),
        completion: .files)
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Trust the certificate authorities in this PEM file instead of the system's.", valueName: "file"),
        completion: .files)
    var caFile: String?

    @Flag(help: "Allow an API at http:// on another machine: the token travels where others can read it.")
    var allowHttp = false

    @Option(
        name: .customLong("requests-per-5-minutes"),
        help: ArgumentHelp(
            "How many requests to make in five minutes, instead of nine tenths of what the API allows (1,200 for all "
                + "that a user runs).", valueName: "n"))
    var requestsPerFiveMinutes: Int?

    @Option(
        help: ArgumentHelp(
            "How many requests of what the API allows to leave to others (default: 100, or a twelfth of a smaller "
                + "limit).", valueName: "n"))
    var leaveRequests: Int?

    @Flag(help: "When the free plan's daily quota is used up, wait until it is new at 00:00 UTC.")
    var waitForQuota = false

    /// The client's options for the account that a profile names, or the one of the environment.
    func clientOptions(profile: String?, _ output: OutputOptions) throws -> KVClientOptions {
        var environment = ProcessInfo.processInfo.environment
        if let profile { environment = try Self.environment(environment, forProfile: profile) }
        // The options speak of the environment's account; a profile never gets another account's token or address.
        if profile == nil { try applyOptions(to: &environment) }
        let prefix = profile.map { Self.variablePrefix($0) }
        do {
            var options = try KVClientOptions.fromEnvironment(environment)
            for secret in options.credentials.secrets { TerminalText.hide(secret) }
            try checkEncryption(of: options.baseURL)
            if let caFile { options.certificateFile = caFile }
            options.userAgent = ToolVersion.userAgent
            options.pacing.requestsPerFiveMinutes = requestsPerFiveMinutes
            options.pacing.leaveRequests = leaveRequests
            options.waitsForDailyQuota = waitForQuota
            if !output.quiet {
                options.onRetry = Self.announceRetry
                options.onPause = Self.announcePause
            }
            if output.verbose { options.logger = StandardErrorLog(level: .debug) }
            return options
        } catch let error as KVError {
            guard let prefix else { throw error }
            var named = error
            named.message = error.message.replacingOccurrences(of: "CLOUDFLARE_", with: prefix)
            throw named
        }
    }

    /// Refuses to send a token where others can read it.
    private func checkEncryption(of baseURL: String) throws {
        guard !allowHttp, let url = URL(string: baseURL), url.scheme?.lowercased() == "http", let host = url.host(),
            !Loopback.contains(host)
        else { return }
        throw CommandFailure(
            "\(baseURL) is not encrypted: whoever is between here and there could read the token and every value",
            hint: "name the API by https://, or say --allow-http if nobody is in between")
    }

    private func applyOptions(to environment: inout [String: String]) throws {
        if let accountId { environment["CLOUDFLARE_ACCOUNT_ID"] = accountId }
        if let apiBaseUrl { environment["CLOUDFLARE_API_BASE_URL"] = apiBaseUrl }
        if let tokenFile { environment["CLOUDFLARE_API_TOKEN"] = try Self.token(from: tokenFile) }
    }

    func validate() throws {
        let values = [
            ("--account-id", accountId), ("--api-base-url", apiBaseUrl), ("--token-file", tokenFile),
            ("--ca-file", caFile),
        ]
        for (name, value) in values where value?.isEmpty == true {
            throw ValidationError("\(name) is empty")
        }
        if let requestsPerFiveMinutes, requestsPerFiveMinutes < 1 {
            throw ValidationError("--requests-per-5-minutes is a number from 1 on")
        }
        if let leaveRequests, leaveRequests < 0 { throw ValidationError("--leave-requests is a number from 0 on") }
    }

    /// Says why nothing seems to happen, where the wait is one that a person notices.
    @Sendable private static func announceRetry(_ error: KVError, _ pause: Duration, _ attempts: Int) {
        // The wait for the limit announces itself.
        guard error.code != .rateLimited else { return }
        guard pause >= .seconds(1) || error.code == .timedOut else { return }
        StandardError.line("waiting \(Amounts.duration(pause)) before the next attempt: \(Hints.describe(error))")
    }

    /// Says that the limit of requests is waited for.
    @Sendable private static func announcePause(_ pause: Duration) {
        StandardError.line("waiting \(Amounts.duration(pause)) for the request limit of the API")
    }

    /// The environment with a profile's variables in the places of the usual ones, and none of the usual ones left: a
    /// profile must never borrow another account's token.
    private static func environment(
        _ environment: [String: String], forProfile profile: String
    ) throws -> [String: String] {
        guard profile.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == 0x2D || $0 == 0x5F }) else {
            throw ValidationError("the profile in kv://\(profile)/ has characters other than letters, digits, - and _")
        }
        var result = environment.filter { !$0.key.hasPrefix("CLOUDFLARE_") }
        let prefix = variablePrefix(profile)
        for (name, value) in environment where name.hasPrefix(prefix) {
            result["CLOUDFLARE_" + name.dropFirst(prefix.count)] = value
        }
        return result
    }

    private static func variablePrefix(_ profile: String) -> String {
        "KVARK_\(profile.uppercased().replacingOccurrences(of: "-", with: "_"))_"
    }

    private static func token(from path: String) throws -> String {
        do {
            let token = try String(contentsOfFile: path, encoding: .utf8)
            let lines = token.split(whereSeparator: \.isNewline)
            guard lines.count == 1 else {
                throw CommandFailure("the token file \(path) must hold the token and nothing else")
            }
            return token
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("cannot read the token file \(path): \(Hints.describe(error))")
        }
    }
}

extension UInt8 {
    /// Whether the byte is an ASCII letter or digit.
    var isASCIILetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
