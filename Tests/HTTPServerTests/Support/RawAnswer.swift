/// An answer as it came over the wire.
struct RawAnswer: Sendable, Equatable {
    var status: Int
    /// The fields by name in lower case; those of one name are joined.
    var fields: [String: String] = [:]
    var body: [UInt8] = []

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
    /// Whether the server said that it closes the connection.
    var closes: Bool { fields["connection"]?.lowercased() == "close" }

    subscript(name: String) -> String? { fields[name] }

    /// The first answer in some bytes and its length; `nil` if it is not complete.
    static func parse(_ bytes: [UInt8], isBodiless: Bool) -> (RawAnswer, count: Int)? {
        guard let head = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var answer = RawAnswer(status: status)
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count < 2 ? "" : String(parts[1].drop { $0 == " " })
            answer.fields[parts[0].lowercased(), default: ""] += value
        }
        let length = isBodiless ? 0 : answer["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count - head.upperBound >= length else { return nil }
        answer.body = Array(bytes[head.upperBound..<head.upperBound + length])
        return (answer, head.upperBound + length)
    }
}
