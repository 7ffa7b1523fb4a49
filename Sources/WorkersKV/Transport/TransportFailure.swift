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
            let code: KVError.Code = isFinalForTLS(error) ? .tlsFailed : .connectionFailed
            return KVError(code, "no secure connection to \(host): \(tlsReason(error))")
        }
        if type.contains("NIOConnectionError") {
            return KVError(.connectionFailed, "cannot connect to \(host): \(connectionReason(error))")
        }
        return KVError(.connectionFailed, "the connection to \(host) failed: \(connectionReason(error))")
    }

    /// What another attempt cannot change: a certificate that does not fit, or a server that does not speak TLS, or none
    /// of its versions and ciphers that this client does.
    ///
    /// All else, such as a connection that ends during the handshake, may be over the next time.
    private static let finalTLSReasons = [
        "CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "HTTP_REQUEST",
        "PROTOCOL_VERSION", "HANDSHAKE_FAILURE", "NO_SHARED_CIPHER", "CERTIFICATE_REQUIRED", "failedToValidateHostname",
        "serverHostnameImpossibleToMatch", "cannotUseIPAddressInSNI", "invalidSNIHostname", "invalidSNIName",
        "cannotMatchULabel", "noCertificateToValidate", "unableToValidateCertificate",
    ]

    private static func isFinalForTLS(_ error: any Error) -> Bool {
        let text = String(describing: error)
        return finalTLSReasons.contains { text.contains($0) }
    }

    /// BoringSSL's reason in words, without the source files that its errors name.
    private static func tlsReason(_ error: any Error) -> String {
        let text = String(describing: error)
        if text.contains("WRONG_VERSION_NUMBER") { return "the server does not speak TLS at this port" }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "its certificate is not from an authority that this machine trusts"
        }
        if text.contains("EOF during handshake") { return "the connection ended before it was made" }
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
