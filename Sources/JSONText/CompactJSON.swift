/// JSON without white space between its tokens; the tokens themselves are not touched.
public enum CompactJSON {
    /// Removes the white space outside strings.
    ///
    /// Numbers (`1.0`, `1e400`, `9007199254740993`), escapes, duplicate members and the order of members stay as they
    /// are, because a change to any of them is a change to the user's data.
    ///
    /// - Parameter bytes: One JSON value.
    /// - Returns: The same tokens with nothing between them.
    /// - Throws: A ``JSONError`` when the bytes are not exactly one JSON value.
    public static func text(of bytes: [UInt8]) throws(JSONError) -> [UInt8] {
        try whitespaceBytes(in: bytes) == 0 ? bytes : removingWhitespace(bytes)
    }

    /// Whether a text is one JSON value without white space outside strings.
    public static func isCompact(_ bytes: [UInt8]) -> Bool {
        do throws(JSONError) {
            return try whitespaceBytes(in: bytes) == 0
        } catch {
            return false
        }
    }

    private static func whitespaceBytes(in bytes: [UInt8]) throws(JSONError) -> Int {
        var reader = try JSONReader(bytes)
        try reader.skipValue()
        try reader.finish()
        return reader.whitespaceBytes
    }

    private static func removingWhitespace(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isInString {
                out.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
            } else if byte != 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D {
                out.append(byte)
                isInString = byte == 0x22
            }
        }
        return out
    }
}
