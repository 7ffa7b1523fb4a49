import CCurl

extension CurlHandle {
    /// Sets all that is the same for all requests of a client.
    func configure(_ options: HTTPOptions) throws(HTTPFailure) {
        try setProtections()
        // No signals for the library's time-outs: they would hit other threads.
        try set(CURLOPT_NOSIGNAL, 1)
        // A time-out or a cancellation during the look-up of a name would otherwise wait for the system's answer, and
        // stop all other transfers meanwhile.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(options.connectTimeout))
        try set(CURLOPT_EXPECT_100_TIMEOUT_MS, Self.milliseconds(options.expectTimeout ?? .zero))
        // Large values and large bodies take fewer calls than with the usual 16 and 64 KiB.
        try setBufferSize(1 << 16)
        try set(CURLOPT_UPLOAD_BUFFERSIZE, 1 << 18)
        if options.allowsHTTP2 {
            // By TLS only, where the server can be asked without a request more.
            try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
            // A request waits to see whether it can share the connection that is being made.
            try set(CURLOPT_PIPEWAIT, 1)
        } else {
            try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        }
        try setProxy(options.proxy)
        try setCertificates(options.certificateFile)
    }

    /// Keeps a request from going anywhere, or being anything, but what it says.
    private func setProtections() throws(HTTPFailure) {
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        // A redirect would carry the token to a place nobody chose.
        try set(CURLOPT_FOLLOWLOCATION, 0)
        // A key may have `..` between slashes.
        try set(CURLOPT_PATH_AS_IS, 1)
        // A password in an address would show in errors and logs.
        try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    }

    private func setProxy(_ proxy: HTTPOptions.Proxy?) throws(HTTPFailure) {
        // An empty text, so that the library does not look into the environment by itself.
        try set(CURLOPT_NOPROXY, "")
        guard let proxy else { return try set(CURLOPT_PROXY, "") }
        let isName = proxy.host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"/?#@\\".utf8.contains($0) }
        guard isName, !proxy.host.isEmpty, (1...65535).contains(proxy.port) else {
            throw HTTPFailure(.invalidRequest, "the proxy has no address that can be used")
        }
        let host = proxy.host.contains(":") && !proxy.host.hasPrefix("[") ? "[\(proxy.host)]" : proxy.host
        try set(CURLOPT_PROXY, "http://\(host):\(proxy.port)")
        // The headers of a request are for the server: the proxy does not get them with CONNECT, nor its own answer to
        // that mixed with the server's.
        try set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if let login = proxy.login {
            // CURLAUTH_BASIC, a macro that Swift does not see.
            try set(CURLOPT_PROXYAUTH, 1)
            try set(CURLOPT_PROXYUSERNAME, login.user)
            try set(CURLOPT_PROXYPASSWORD, login.password)
        }
    }

    private func setCertificates(_ file: String?) throws(HTTPFailure) {
        // A folder of authorities beside the file, which is Debian's default, keeps the library from remembering what is
        // in the file: it would read all of it again for each connection.
        try set(CURLOPT_CAPATH, nil as String?)
        if let file { try set(CURLOPT_CAINFO, file) }
    }

    /// A time as the library wants it: at least 1, because 0 means its own default.
    private static func milliseconds(_ duration: Duration) -> Int {
        Int(max(1, min((duration / .milliseconds(1)).rounded(.up), Double(Int32.max))))
    }
}
