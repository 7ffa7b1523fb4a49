import KVModel

/// Tells requests that show the server's token from others.
struct Authentication: Sendable {
    private let token: [UInt8]

    /// Accepts one token.
    init(token: String) { self.token = Array(token.utf8) }

    /// Refuses a request that does not show the token.
    ///
    /// All kinds of credentials are taken: a bearer token, or the same text as a global key beside any e-mail address, or
    /// as a service key.
    func check(_ headers: RequestHeaders) throws(APIFault) {
        if let authorization = headers["authorization"] {
            let parts = authorization.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 2, String(parts[0])?.lowercased() == "bearer", !parts[1].isEmpty else {
                throw malformed(6111, "Invalid format for Authorization header")
            }
            try expect(Array(parts[1]))
        } else if let key = headers["x-auth-key"] {
            guard !key.isEmpty else { throw malformed(6103, "Invalid format for X-Auth-Key header") }
            guard let email = headers["x-auth-email"], !email.isEmpty else {
                throw malformed(6102, "Invalid format for X-Auth-Email header")
            }
            try expect(Array(key.utf8))
        } else if let key = headers["x-auth-user-service-key"] {
            try expect(Array(key.utf8))
        } else {
            throw APIFault(.authentication, message: "Authentication error")
        }
    }

    private func malformed(_ code: Int, _ message: String) -> APIFault {
        var fault = APIFault(.invalidRequestHeaders, message: "Invalid request headers")
        fault.items[0].chain = [APIFault.Item(code: APICode(rawValue: code), message: message)]
        return fault
    }

    /// Compares in a time that depends on what was shown alone, so that an answer's delay says nothing of the token.
    private func expect(_ shown: [UInt8]) throws(APIFault) {
        var difference: UInt8 = shown.count == token.count ? 0 : 1
        for (index, byte) in shown.enumerated() {
            difference |= byte ^ (token.isEmpty ? 0xFF : token[index % token.count])
        }
        guard difference == 0, !token.isEmpty else { throw APIFault(.authentication, message: "Authentication error") }
    }
}
