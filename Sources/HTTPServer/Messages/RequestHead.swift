/// What the head of a request says.
package struct RequestHead: Sendable {
    /// The method, as it was sent.
    package var method: String
    /// The target as it stood on the request line, all of it visible ASCII: nothing is decoded, nothing tidied.
    package var target: String
    /// Whether the request is one of HTTP/1.0.
    package var isHTTP10: Bool
    /// The fields in their order, with their names in lower case.
    package var fields: [(name: String, value: String)]

    /// The first value of a field whose name is given in lower case.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The announced length of the body.
    var contentLength: Int? { self["content-length"].flatMap { Int($0) } }

    /// Whether the client waits for a word before it sends the body.
    var expectsContinue: Bool { !isHTTP10 && self["expect"]?.lowercased() == "100-continue" }
}
