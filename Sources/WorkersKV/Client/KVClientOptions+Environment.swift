public import Foundation
import KVHTTP

extension KVClientOptions {
    /// Options from the environment variables that wrangler and the official SDKs read.
    ///
    /// `CLOUDFLARE_API_TOKEN`, or `CLOUDFLARE_API_KEY` with `CLOUDFLARE_EMAIL` (the token wins when both are there, as in
    /// the SDKs); `CLOUDFLARE_ACCOUNT_ID`; `CLOUDFLARE_API_BASE_URL` (wrangler) or `CLOUDFLARE_BASE_URL` (the SDKs), if
    /// the API is not Cloudflare's own; `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; `SSL_CERT_FILE`
    /// (``certificateFile``).
    ///
    /// - Parameter environment: The variables; those of this process unless given.
    /// - Returns: Options for a client.
    /// - Throws: ``KVError`` with `invalidOptions` that names the variable that is missing or wrong.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(KVError) -> Self {
        guard let account = environment.nonEmpty("CLOUDFLARE_ACCOUNT_ID") else {
            throw KVError(.invalidOptions, "CLOUDFLARE_ACCOUNT_ID is not set")
        }
        let base = environment.nonEmpty("CLOUDFLARE_API_BASE_URL") ?? environment.nonEmpty("CLOUDFLARE_BASE_URL")
        var options = try Self(
            accountID: AccountID(rawValue: account),
            credentials: try Credentials.fromEnvironment(environment),
            baseURL: base ?? cloudflareBaseURL
        )
        options.proxy = try HTTPProxy.fromEnvironment(environment, for: options.baseURL)
        options.certificateFile = HTTPOptions(environment: environment).certificateFile
        return options
    }
}

extension Credentials {
    /// Credentials from `CLOUDFLARE_API_TOKEN`, or from `CLOUDFLARE_API_KEY` and `CLOUDFLARE_EMAIL`.
    ///
    /// - Parameter environment: The variables.
    /// - Returns: The token if there is one, else the key.
    /// - Throws: ``KVError`` with `invalidOptions` when neither is there.
    public static func fromEnvironment(_ environment: [String: String]) throws(KVError) -> Self {
        if let token = environment.nonEmpty("CLOUDFLARE_API_TOKEN") { return try apiToken(token) }
        if let key = environment.nonEmpty("CLOUDFLARE_API_KEY"), let email = environment.nonEmpty("CLOUDFLARE_EMAIL") {
            return try globalKey(key, email: email)
        }
        throw KVError(.invalidOptions, "CLOUDFLARE_API_TOKEN is not set (nor CLOUDFLARE_API_KEY with CLOUDFLARE_EMAIL)")
    }
}

extension [String: String] {
    /// The value of a variable that is set to more than white space.
    package func nonEmpty(_ name: String) -> String? {
        guard let value = self[name]?.trimmingWhitespace(), !value.isEmpty else { return nil }
        return value
    }
}
