import AsyncHTTPClient
import NIOCore

/// Sorts what goes wrong below HTTP.
enum TransportFailure {
    private static let timeouts: [HTTPClientError] = [
        .readTimeout, .writeTimeout, .connectTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
        .tlsHandshakeTimeout, .httpProxyHandshakeTimeout,
    ]

    /// The client's error for one of the HTTP library.
    static func kvError(_ error: any Error, host: String) -> KVError {
        if let error = error as? HTTPClientError, timeouts.contains(error) {
            return KVError(.timedOut, "\(host) did not answer in time", cause: error)
        }
        let type = String(reflecting: type(of: error))
        if type.hasPrefix("NIOSSL") {
            return KVError(.tlsFailed, "no secure connection to \(host): \(tlsReason(error))")
        }
        if type.contains("NIOConnectionError") {
            return KVError(.connectionFailed, "cannot connect to \(host): \(connectionReason(error))")
        }
        return KVError(.connectionFailed, "the connection to \(host) failed: \(connectionReason(error))")
    }

    /// BoringSSL's reason in words, without the source files that its errors name.
    private static func tlsReason(_ error: any Error) -> String {
        let text = String(describing: error)
        if text.contains("WRONG_VERSION_NUMBER") { return "the server does not speak TLS at this port" }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "its certificate is not from an authority that this machine trusts"
        }
        if let match = text.firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/) { return String(match.1) }
        return String(text.prefix(200))
    }

    /// The system's reason for a connection that could not be made, out of a long nested description.
    private static func connectionReason(_ error: any Error) -> String {
        let text = String(describing: error)
        let reasons = [
            "Connection refused", "Name or service not known", "Temporary failure in name resolution",
            "No route to host",
            "Network is unreachable", "Connection reset by peer",
        ]
        return reasons.first { text.contains($0) }.map { $0.lowercased() } ?? String(text.prefix(300))
    }
}
