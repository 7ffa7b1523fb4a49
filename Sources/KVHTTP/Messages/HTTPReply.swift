/// An answer with its body, whole.
package struct HTTPReply: Sendable {
    /// The status, 200 or more.
    package var status: Int
    /// The headers.
    package var headers: HTTPHeaders
    /// The body, empty if there was none.
    package var body: [UInt8]
    /// Whether the end of the body was announced (by a length, by chunks or by HTTP/2), so that a cut would have shown.
    package var hasAnnouncedEnd: Bool
    /// How often the request was sent: twice when the server did not want to be asked first (417), else once.
    package var timesSent: Int
}

/// The headers of an answer.
package struct HTTPHeaders: Sendable {
    /// All lines in their order, the names in lower case.
    package private(set) var lines: [(name: String, value: String)] = []

    /// The value of a header, the last if there are several.
    ///
    /// - Parameter name: The name, in lower case.
    package subscript(name: String) -> String? { lines.last { $0.name == name }?.value }

    /// The values of a header that is a list, which may be spread over several lines.
    ///
    /// - Parameter name: The name, in lower case.
    /// - Returns: All of them with commas between; `nil` if there is no such header.
    package func list(_ name: String) -> String? {
        let values = lines.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    mutating func append(name: String, value: String) { lines.append((name, value)) }
}
