/// Says where in a JSON text a byte stands, for messages: `[0].expiration`, `keys[3]`, `["a b"].value`.
public enum JSONPath {
    /// The members and elements that lead to an offset.
    ///
    /// - Parameters:
    ///   - offset: A byte of the text, as in ``JSONError/offset``.
    ///   - bytes: The text. It may be broken at the offset, but not before.
    /// - Returns: The path, or an empty text if the offset stands in no member and no element.
    public static func text(of offset: Int, in bytes: [UInt8]) -> String {
        guard var reader = try? JSONReader(bytes) else { return "" }
        var path = ""
        while let step = try? step(&reader, towards: offset) { path += step }
        return path.hasPrefix(".") ? String(path.dropFirst()) : path
    }

    /// Enters the member or element that holds an offset, or that is too broken to be passed over.
    ///
    /// - Returns: Its name or number; `nil` if there is none.
    private static func step(_ reader: inout JSONReader, towards offset: Int) throws(JSONError) -> String? {
        switch try reader.peekKind() {
        case .object:
            try reader.beginObject()
            while let name = try reader.nextMember() {
                if isInNextValue(&reader, offset) { return text(of: name.text) }
            }
        case .array:
            var index = 0
            try reader.beginArray()
            while try reader.nextElement() {
                if isInNextValue(&reader, offset) { return "[\(index)]" }
                index += 1
            }
        default: break
        }
        return nil
    }

    /// Whether the next value holds an offset; if it does not, it is passed over.
    private static func isInNextValue(_ reader: inout JSONReader, _ offset: Int) -> Bool {
        let start = reader
        if let range = try? reader.readRaw(), !range.contains(offset) { return false }
        reader = start
        return true
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
