/// How an ``HTTPClient`` makes its connections.
package struct HTTPOptions: Sendable {
    /// How long a connection may take to be made, from the look-up of the name to the end of the TLS handshake.
    package var connectTimeout: Duration = .seconds(10)
    /// How long a server may take to say that a body of more than a mebibyte may be sent (`Expect: 100-continue`).
    ///
    /// The body is sent afterwards in any case. Without a value, servers are not asked; a refusal that comes while a body
    /// is being sent is then often lost.
    package var expectTimeout: Duration? = .seconds(1)
    /// The most requests on their way at the same time, each on a connection of its own with HTTP/1.1; further ones wait.
    package var maximumConnections = 128
    /// Whether HTTP/2 may be spoken where the server offers it.
    package var allowsHTTP2 = false
    /// The proxy, if there is one; the environment is never asked for one.
    package var proxy: Proxy?
    /// A PEM file with the certificates of the authorities that are trusted, instead of the system's.
    package var certificateFile: String?

    /// Options with their usual values.
    ///
    /// - Parameter environment: Variables of which `SSL_CERT_FILE` names the certificates to trust; none unless given.
    package init(environment: [String: String] = [:]) {
        // People behind a company's proxy set it for curl and others, which libcurl itself does not read.
        if let file = environment["SSL_CERT_FILE"], !file.isEmpty { certificateFile = file }
    }

    /// An HTTP proxy.
    package struct Proxy: Sendable {
        /// The proxy's host.
        package var host: String
        /// The proxy's port.
        package var port: Int
        /// The user name and password, if the proxy wants some.
        package var login: Login?

        /// A proxy at an address.
        package init(host: String, port: Int, login: Login? = nil) {
            self.host = host
            self.port = port
            self.login = login
        }
    }

    /// A user name with its password.
    package struct Login: Sendable, CustomStringConvertible, CustomReflectable {
        /// The name.
        package var user: String
        /// The password.
        package var password: String

        /// A user name with its password.
        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }

        /// Nothing of either.
        package var description: String { "<redacted>" }

        /// Nothing of either.
        package var customMirror: Mirror { Mirror(self, children: []) }
    }
}
