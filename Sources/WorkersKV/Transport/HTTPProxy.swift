import Foundation

/// An HTTP proxy between the client and the API.
public struct HTTPProxy: Hashable, Sendable {
    /// The proxy's host.
    public var host: String
    /// The proxy's port.
    public var port: Int
    /// The user name and password of the proxy, if it wants some.
    var login: Login?

    /// A user name with its password.
    struct Login: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
        var user: String
        var password: String
        var description: String { "<redacted>" }
        var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// A proxy at an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The proxy that the environment names for an address, if it names one.
    ///
    /// `HTTPS_PROXY` for https addresses, `HTTP_PROXY` for others, `ALL_PROXY` for both, in capitals or not;
    /// hosts in `NO_PROXY` and loopback addresses are reached directly.
    ///
    /// - Parameters:
    ///   - environment: The variables.
    ///   - baseURL: The address to reach.
    /// - Returns: The proxy, or `nil` for a direct connection.
    /// - Throws: ``KVError`` with `invalidOptions` when the variable does not hold an http URL.
    public static func fromEnvironment(
        _ environment: [String: String], for baseURL: String
    ) throws(KVError) -> Self? {
        guard let url = URL(string: baseURL), let host = url.host(), !isDirect(host, environment) else { return nil }
        let names = url.scheme?.lowercased() == "https" ? ["HTTPS_PROXY", "ALL_PROXY"] : ["HTTP_PROXY", "ALL_PROXY"]
        for name in names.flatMap({ [$0, $0.lowercased()] }) {
            if let value = environment.nonEmpty(name) { return try Self(parsing: value, variable: name) }
        }
        return nil
    }

    private init(parsing value: String, variable: String) throws(KVError) {
        let address = value.contains("://") ? value : "http://\(value)"
        guard let url = URL(string: address), url.scheme?.lowercased() == "http", let host = url.host() else {
            throw KVError(.invalidOptions, "\(variable) does not hold the http:// URL of a proxy")
        }
        self.host = host
        port = url.port ?? 80
        if let user = url.user(percentEncoded: false) {
            login = Login(user: user, password: url.password(percentEncoded: false) ?? "")
        }
    }

    private static func isDirect(_ host: String, _ environment: [String: String]) -> Bool {
        let name = host.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        if name == "localhost" || name == "::1" || name.hasPrefix("127.") { return true }
        let list = environment.nonEmpty("NO_PROXY") ?? environment.nonEmpty("no_proxy") ?? ""
        return list.split(separator: ",").contains { entry in
            let rule = entry.trimmingCharacters(in: .whitespaces).lowercased()
            if rule == "*" { return true }
            let domain = rule.hasPrefix(".") ? String(rule.dropFirst()) : rule
            return !domain.isEmpty && (name == domain || name.hasSuffix(".\(domain)"))
        }
    }
}
