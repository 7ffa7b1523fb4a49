/// An answer.
///
/// The length of the body, the date and what concerns the connection are added when it is sent; an answer to a HEAD
/// request is sent without its body.
package struct Response: Sendable {
    /// The status, from 200 to 599.
    package var status: Int
    /// The fields; those with an empty value are left out.
    package var fields: [(name: String, value: String)]
    /// The body.
    package var body: [UInt8]

    /// An answer of these parts.
    package init(status: Int, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

extension Response {
    /// Why the answer must not be sent: something in it would cut it short, or make two of it; `nil` if it is sound.
    ///
    /// Says nothing of values, which may be anybody's.
    var flaw: String? {
        guard (200...599).contains(status) else { return "\(status) is not the status of an answer" }
        for (name, value) in fields {
            guard Self.isToken(name) else { return "a field has a name that is none" }
            guard !Self.ownNames.contains(name.lowercased()) else {
                return "the field \(name) is not the answer's to set"
            }
            guard value.utf8.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }) else {
                return "the value of the field \(name) has control characters"
            }
        }
        return nil
    }

    /// What follows from the body.
    private static let ownNames: Set<String> = ["content-length", "transfer-encoding"]

    /// Whether a name is a token (RFC 9110, section 5.6.2).
    static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
