import Testing
import WorkersKV

@Suite struct OptionsTests {
    private static let complete = [
        "CLOUDFLARE_API_TOKEN": " cfat_token\n", "CLOUDFLARE_ACCOUNT_ID": "account",
        "CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:8790/client/v4/",
    ]

    @Test func `the environment of wrangler is read`() throws {
        let options = try KVClientOptions.fromEnvironment(Self.complete)
        #expect(options.baseURL == "http://127.0.0.1:8790/client/v4")
        #expect(options.accountID == "account")
        #expect(try options.credentials == .apiToken("cfat_token"))
    }

    @Test func `the base URL variable of the SDKs counts when wrangler's is not set`() throws {
        var environment = Self.complete
        environment["CLOUDFLARE_API_BASE_URL"] = nil
        #expect(try KVClientOptions.fromEnvironment(environment).baseURL == KVClientOptions.cloudflareBaseURL)
        environment["CLOUDFLARE_BASE_URL"] = "https://example.com/v4"
        #expect(try KVClientOptions.fromEnvironment(environment).baseURL == "https://example.com/v4")
    }

    @Test(arguments: [("/etc/authority.pem", "/etc/authority.pem"), ("", nil), (nil, nil)] as [(String?, String?)])
    func `the certificates to trust are those that SSL_CERT_FILE names`(variable: String?, file: String?) throws {
        var environment = Self.complete
        environment["SSL_CERT_FILE"] = variable
        #expect(try KVClientOptions.fromEnvironment(environment).certificateFile == file)
    }

    @Test(arguments: ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"])
    func `a missing variable is named`(name: String) {
        var environment = Self.complete
        environment[name] = "  "
        #expect {
            try KVClientOptions.fromEnvironment(environment)
        } throws: { error in
            KVError.Code.invalidOptions ~= error && "\(error)".contains(name)
        }
    }

    @Test(arguments: ["ftp://x", "example.com", "http://", "http://user:pass@host/v4", "http://host/?a=b", ""])
    func `a base URL that is none is refused`(url: String) {
        #expect {
            try KVClientOptions(accountID: "a", credentials: .apiToken("t"), baseURL: url)
        } throws: { KVError.Code.invalidOptions ~= $0 && !"\($0)".contains("user:pass") }
    }

    @Test(arguments: ["", "two words", "line\nbreak", "tökén"])
    func `a text that cannot be a token is refused without being shown`(token: String) {
        #expect {
            try Credentials.apiToken(token)
        } throws: { error in
            KVError.Code.invalidOptions ~= error && (token.isEmpty || !"\(error)".contains(token))
        }
    }

    @Test func `credentials never print their secret`() throws {
        let credentials = try Credentials.globalKey("secret0123", email: "someone@example.com")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(!text.contains("secret0123"))
        }
    }

    @Test(
        arguments: [
            ("https://api.example.com", "proxy.example.com", 3128), ("http://api.example.com", "plain.example.com", 80),
            ("http://127.0.0.1:8790", nil, 0), ("http://localhost", nil, 0), ("https://internal.example.org", nil, 0),
            ("https://deep.internal.example.org", nil, 0),
        ] as [(String, String?, Int)])
    func `the proxy comes from the environment`(url: String, host: String?, port: Int) throws {
        let environment = [
            "HTTPS_PROXY": "http://proxy.example.com:3128", "http_proxy": "plain.example.com",
            "NO_PROXY": "other.example, .internal.example.org",
        ]
        let proxy = try HTTPProxy.fromEnvironment(environment, for: url)
        #expect(proxy?.host == host)
        if host != nil { #expect(proxy?.port == port) }
    }
}
