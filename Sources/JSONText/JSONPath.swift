/// Says where in a JSON text a byte stands, for messages: `[0].expiration`, `keys[3]`, `["a b"].value`.
public enum JSONPath {
    /// The members and elements that lead to an offset.
    ///
    /// - Parameters:
    ///   - offset: A byte of the text, as in ``JSONError/offset``.
    ///   - bytes: The text. It may be broken at the offset, but not before.
    /// - Returns: The path, or an empty text if the offset stands in no member and no element.
    public static func text(of offset: Int, in bytes: [UInt8]) -> String {
        guard let reader = try? JSONReader(bytes) else { return "" }
        var search = Search(reader: reader, offset: offset)
        // Where the text is broken, the search ends, and its path leads there.
        _ = try? search.find()
        let path = search.path.map(text).joined()
        return path.hasPrefix(".") ? String(path.dropFirst()) : path
    }

    private enum Step {
        case member(JSONName)
        case element(Int)
    }

    /// A walk over the text that passes over each value once, however deep it lies.
    private struct Search {
        var reader: JSONReader
        let offset: Int
        var path: [Step] = []

        /// Whether the next value holds the offset; the path leads to it then, or to where the text is broken.
        mutating func find() throws(JSONError) -> Bool {
            let kind = try reader.peekKind()
            if reader.position >= offset { return true }
            switch kind {
            case .object:
                try reader.beginObject()
                while let name = try reader.nextMember() {
                    if try isFound(at: .member(name)) { return true }
                }
            case .array:
                var index = 0
                try reader.beginArray()
                while try reader.nextElement() {
                    if try isFound(at: .element(index)) { return true }
                    index += 1
                }
            default: try reader.skipValue()
            }
            return reader.position > offset
        }

        private mutating func isFound(at step: Step) throws(JSONError) -> Bool {
            path.append(step)
            if try find() { return true }
            path.removeLast()
            return false
        }
    }

    private static func text(of step: Step) -> String {
        switch step {
        case .element(let index): "[\(index)]"
        case .member(let name): text(of: name.text)
        }
    }

    private static func text(of name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F
        }
        if isPlain, !name.isEmpty { return ".\(name)" }
        var quoted: [UInt8] = []
        JSONString.append(String(name.prefix(64)), to: &quoted)
        return "[\(String(decoding: quoted, as: UTF8.self))]"
    }
}
