import Foundation

/// The address below which the API lives.
enum BaseURL {
    /// Checks an address and removes the slashes at its end.
    static func normalized(_ text: String) throws(KVError) -> String {
        let trimmed = text.trimmingWhitespace()
        guard let url = URL(string: trimmed), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme),
            let host = url.host(), !host.isEmpty, url.query() == nil, url.fragment() == nil
        else { throw KVError(.invalidOptions, "the API base URL is not an http or https URL: \(safe(trimmed))") }
        guard url.user() == nil, url.password() == nil else {
            throw KVError(.invalidOptions, "the API base URL must not hold a user name or password")
        }
        return String(trimmed.reversed().drop { $0 == "/" }.reversed())
    }

    /// The host of a base URL, for messages.
    static func host(of baseURL: String) -> String {
        guard let url = URL(string: baseURL), let host = url.host() else { return baseURL }
        return url.port.map { "\(host):\($0)" } ?? host
    }

    /// The address without anything that may be a password.
    private static func safe(_ text: String) -> String {
        text.contains("@") ? "<an address with a user name>" : String(text.prefix(200))
    }
}

/// Percent-encoding for the parts of a request target (RFC 3986).
package enum PercentEncoding {
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    /// Encodes all but the unreserved characters, so that no server takes a key for more than one path segment.
    package static func encode(_ utf8: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: out.append(byte)
            default: out += [0x25, hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// A query string that starts with `?`, or nothing when there are no parameters.
    static func query(_ parameters: [(name: String, value: String)]) -> String {
        if parameters.isEmpty { return "" }
        return "?" + parameters.map { "\($0.name)=\(encode($0.value.utf8))" }.joined(separator: "&")
    }
}
