import Foundation

/// The first line of an HTTP message and its header fields, in order.
struct MessageHead: Sendable {
    var firstLine: String
    var fields: [(name: String, value: String)] = []

    /// Fields that are about one connection or about how the body was framed on it, and which are not passed on.
    private static let connectionFields: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "content-length", "expect",
    ]

    /// Reads all up to the empty line.
    static func read(from stream: SocketStream) throws -> MessageHead {
        var head = MessageHead(firstLine: try stream.readLine())
        while true {
            let line = try stream.readLine()
            if line.isEmpty { return head }
            guard let colon = line.firstIndex(of: ":") else { throw SocketStream.Failure.malformed }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            head.fields.append((name: String(line[..<colon]), value: value))
        }
    }

    /// The first line, cut at its first two spaces.
    var words: [String] { firstLine.split(separator: " ", maxSplits: 2).map(String.init) }

    /// The first field of a name that is given in lower case.
    subscript(name: String) -> String? { fields.first { $0.name.lowercased() == name }?.value }

    /// Whether the sender closes the connection after this message.
    var isLast: Bool { self["connection"]?.lowercased() == "close" }

    /// The fields with lower-case names, as tests look at them.
    var dictionary: [String: String] {
        Dictionary(fields.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The bytes to send before a body that is framed by its length.
    ///
    /// - Parameters:
    ///   - firstLine: What to send instead of the first line.
    ///   - length: The length of the body; no length for a message that can have no body.
    /// - Returns: The head up to and with the empty line.
    func bytes(firstLine: String? = nil, length: Int?) -> [UInt8] {
        var text = "\(firstLine ?? self.firstLine)\r\n"
        for (name, value) in fields where !Self.connectionFields.contains(name.lowercased()) {
            text += "\(name): \(value)\r\n"
        }
        if let length { text += "content-length: \(length)\r\n" }
        return Array("\(text)\r\n".utf8)
    }
}
