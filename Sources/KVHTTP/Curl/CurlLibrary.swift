import CCrypto
import CCurl
import Glibc

/// The HTTP library as a whole.
enum CurlLibrary {
    /// Prepares the library, once in a process; a failure holds for all of it.
    static let preparation = Result<Void, HTTPFailure> { () throws(HTTPFailure) in
        ignoreBrokenPipes()
        // TLS would otherwise clean up at the process's end under the hands of a thread that is shaking hands.
        guard kvark_crypto_start() == 1 else {
            throw HTTPFailure(.invalidRequest, "the TLS library cannot be started")
        }
        let code = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard code == CURLE_OK else {
            throw HTTPFailure(.invalidRequest, "the HTTP library cannot be started", detail: describe(code))
        }
    }

    /// Lets a write to a connection that the other side has closed be an error: the system's way is to end the process.
    ///
    /// A program that wants to know of the signal is left alone.
    private static func ignoreBrokenPipes() {
        var present = sigaction()
        guard sigaction(SIGPIPE, nil, &present) == 0, present.__sigaction_handler.sa_handler == nil else { return }
        signal(SIGPIPE, SIG_IGN)
    }

    /// A code with the library's name for it.
    static func describe(_ code: CURLcode) -> String {
        "curl \(code.rawValue): \(String(cString: curl_easy_strerror(code)))"
    }

    /// A code with the library's name for it.
    static func describe(_ code: CURLMcode) -> String {
        "curl multi \(code.rawValue): \(String(cString: curl_multi_strerror(code)))"
    }
}
