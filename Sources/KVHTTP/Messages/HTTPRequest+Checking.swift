extension HTTPRequest {
    /// The host with its port, for messages.
    var host: String { String(authority ?? "") }

    /// What stands between `//` and the path.
    private var authority: Substring? {
        guard let start = url.firstRange(of: "://")?.upperBound else { return nil }
        return url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    }

    /// The headers as lines.
    ///
    /// The HTTP library would send what is wrong with a line as it is, a second request in it included.
    func headerLines() throws(HTTPFailure) -> [String] {
        var lines: [String] = []
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
                throw HTTPFailure(.invalidRequest, "a header has a name that cannot be one")
            }
            guard value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
                throw HTTPFailure(.invalidRequest, "the header \(name) has a character that cannot be part of one")
            }
            guard !Self.framingHeaders.contains(name.lowercased()) else {
                throw HTTPFailure(.invalidRequest, "the header \(name) is not for callers to set")
            }
            // A line that ends with its colon would remove the header.
            lines.append(value.allSatisfy { $0 == " " || $0 == "\t" } ? "\(name);" : "\(name): \(value)")
        }
        return lines
    }

    /// Refuses what could mean something else on the wire than it does here.
    func check() throws(HTTPFailure) {
        guard !method.isEmpty, method.utf8.allSatisfy(Self.isTokenByte) else {
            throw HTTPFailure(.invalidRequest, "the request's method cannot be one")
        }
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https", let authority, !authority.isEmpty,
            url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw HTTPFailure(.invalidRequest, "the request's address is not an http or https URL") }
        guard !authority.contains("@") else {
            throw HTTPFailure(.invalidRequest, "the request's address must not hold a user name or password")
        }
    }

    private static let framingHeaders: Set<String> = ["content-length", "transfer-encoding", "expect"]

    /// The characters of a `token` (RFC 9110, section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
