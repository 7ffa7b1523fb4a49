/// The header fields of a request, found by their names in lower case.
struct RequestHeaders: Sendable {
    private var values: [String: String] = [:]

    /// Collects fields; the first of several with one name counts.
    init(_ fields: some Sequence<(name: String, value: String)>) {
        for field in fields where values[field.name] == nil { values[field.name] = field.value }
    }

    /// The value of a field.
    subscript(name: String) -> String? { values[name] }

    /// The announced length of the body.
    var contentLength: Int? { self["content-length"].flatMap { Int($0) } }

    /// Whether the client waits for a word before it sends the body.
    var expectsContinue: Bool { self["expect"]?.lowercased() == "100-continue" }
}
