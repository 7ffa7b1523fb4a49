import CCurl
import Glibc

/// How the library says that a transfer has failed.
struct CurlEnd: CustomStringConvertible {
    var code: CURLcode
    /// The library's own words, empty if it had none.
    var text: String
    var host: String
    /// Whether a connection was made, with TLS if need be.
    var isConnected: Bool
    /// Why a certificate was not accepted, as OpenSSL numbers it; 0 if it was.
    var verifyResult: Int
    /// What a proxy answered to CONNECT; 0 if there was none.
    var proxyStatus: Int
    /// The system's number for a connection that could not be made; 0 if there is none.
    var systemError: Int
    /// How connections are made, for messages.
    var options: HTTPOptions

    var description: String {
        text.isEmpty ? CurlLibrary.describe(code) : "curl \(code.rawValue): \(text.prefix(300))"
    }

    /// The client's error for it, as long as no answer has begun.
    var failure: HTTPFailure {
        if proxyStatus >= 300 {
            return HTTPFailure(
                .connectionFailed, "the proxy refuses a connection to \(host) with status \(proxyStatus)")
        }
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            let what = isConnected ? "did not answer in time" : "cannot be connected to in time"
            return HTTPFailure(.timedOut, "\(host) \(what)", detail: description)
        case CURLE_SSL_CONNECT_ERROR:
            let code: HTTPFailure.Code = isFinalForTLS ? .tlsFailed : .connectionFailed
            return HTTPFailure(code, "no secure connection to \(host): \(tlsReason)")
        case let code where Self.finalTLSCodes.contains(code.rawValue):
            return HTTPFailure(.tlsFailed, "no secure connection to \(host): \(tlsReason)")
        case CURLE_OUT_OF_MEMORY where isConnected, Self.tooLarge where isConnected:
            return HTTPFailure(
                .malformedAnswer, "the headers of the answer of \(host) are too long", detail: description)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            return HTTPFailure(.malformedAnswer, "\(host) does not answer in HTTP", detail: description)
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED:
            return HTTPFailure(.invalidRequest, "the request's address cannot be used", detail: description)
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return HTTPFailure(.connectionFailed, "cannot connect to \(nextHost): \(connectionReason)")
        default:
            return HTTPFailure(.connectionFailed, "the connection to \(host) failed: \(connectionReason)")
        }
    }

    /// Where the library itself connects to.
    private var nextHost: String { options.proxy.map { "the proxy \($0.host):\($0.port)" } ?? host }

    /// What newer versions say of a header that is too long (`CURLE_TOO_LARGE`).
    private static let tooLarge = CURLcode(rawValue: 100)

    /// What another attempt cannot change.
    private static let finalTLSCodes: Set<UInt32> = Set(
        [
            CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED,
        ].map(\.rawValue))

    /// OpenSSL's words for a server that does not speak TLS, or none of its versions and ciphers that this client does.
    ///
    /// All else, such as a connection that ends during the handshake, may be over the next time.
    private static let finalTLSReasons = [
        "wrong version number", "unsupported protocol", "http request", "protocol version", "handshake failure",
        "no shared cipher", "certificate required", "packet length too long", "no protocols available",
        "legacy sigalg", "key too small", "unrecognized name",
    ]

    private var isFinalForTLS: Bool { Self.finalTLSReasons.contains { text.contains($0) } }

    private var tlsReason: String {
        if text.contains("wrong version number") { return "the server does not speak TLS at this port" }
        if code == CURLE_SSL_CACERT_BADFILE, let certificateFile = options.certificateFile {
            return "the file \(certificateFile) cannot be read, or holds no certificates"
        }
        switch verifyResult {
        case 9: return "its certificate is not valid yet"
        case 10: return "its certificate has expired"
        case 18, 19, 20, 21: return "its certificate is not from an authority that this machine trusts"
        default: break
        }
        if code == CURLE_PEER_FAILED_VERIFICATION, text.contains("subject name") {
            return "its certificate is for another host"
        }
        if text.contains("SSL_ERROR_SYSCALL") || text.contains("unexpected eof") {
            return "the connection ended before it was made"
        }
        return description
    }

    /// The system's reason in words, out of a longer sentence.
    private var connectionReason: String {
        let reasons = [
            "Connection refused", "Could not resolve host", "Could not resolve proxy", "No route to host",
            "Network is unreachable", "Connection reset by peer", "Empty reply from server", "Broken pipe",
        ]
        if let reason = reasons.first(where: { text.contains($0) }) { return reason.lowercased() }
        if code == CURLE_COULDNT_CONNECT, systemError != 0 {
            return String(cString: strerror(Int32(systemError))).lowercased()
        }
        return description
    }
}
