package import JSONText

/// A namespace of an account.
public struct Namespace: Hashable, Sendable {
    /// The id, by which all other operations name the namespace.
    public var id: NamespaceID
    /// The title, unique in its account.
    public var title: String
    /// Whether keys in paths are percent-decoded before they are stored; true for all but very old namespaces.
    public var supportsURLEncoding: Bool?
    /// The jurisdiction the namespace is bound to, where the API says it.
    public var jurisdiction: String?

    /// Puts a namespace together.
    public init(id: NamespaceID, title: String, supportsURLEncoding: Bool? = nil, jurisdiction: String? = nil) {
        self.id = id
        self.title = title
        self.supportsURLEncoding = supportsURLEncoding
        self.jurisdiction = jurisdiction
    }

    /// Reads a namespace; unknown members are ignored.
    package init(_ reader: inout JSONReader) throws(JSONFault) {
        var id: String?
        var title: String?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "id": id = try reader.readOptionalString()
            case "title": title = try reader.readOptionalString()
            case "supports_url_encoding" where try reader.peekKind() == .bool:
                supportsURLEncoding = try reader.readBool()
            case "jurisdiction": jurisdiction = try reader.readOptionalString()
            default: try reader.skipValue()
            }
        }
        guard let id, let title else {
            throw JSONFault(.wrongKind, at: reader.position, "a namespace without id or title")
        }
        self.id = NamespaceID(rawValue: id)
        self.title = title
    }
}

/// One page of a list of namespaces.
public struct NamespacePage: Sendable {
    /// The rows of the page.
    public var namespaces: [Namespace]
    /// How many namespaces the account has, where the API says it.
    public var totalCount: Int?
    /// How many rows a page has when it is full, where the API says it.
    public var rowsPerPage: Int?
}
