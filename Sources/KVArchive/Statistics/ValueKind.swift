import JSONText
public import KVModel

/// What a value looks like from outside.
public enum ValueKind: String, CaseIterable, Hashable, Sendable {
    /// Text that is one JSON object or array.
    case json
    /// Other text, the empty one too.
    case text
    /// Bytes that are not UTF-8.
    case binary

    /// The longest value that is parsed to see whether it is JSON, in bytes; longer ones are judged by their beginning.
    public static let parsedBytesMaximum = 1 << 20

    /// Classifies the value of a record.
    ///
    /// Only what begins as an object or an array does is decoded and parsed, up to ``parsedBytesMaximum``; what is longer
    /// than that and begins so counts as JSON.
    public init(of line: RecordLine) {
        if line.isBase64 {
            self = .binary
        } else if !Self.beginsAsJSON(line.valueContent) {
            self = .text
        } else if line.valueBytes > Self.parsedBytesMaximum {
            self = .json
        } else {
            self = Self.isJSON(line.value) ? .json : .text
        }
    }

    /// Whether the first character that is not white space opens an object or an array, in the notation of JSON strings,
    /// in which line ends and tabs are escapes.
    private static func beginsAsJSON(_ content: ArraySlice<UInt8>) -> Bool {
        var rest = content
        while let byte = rest.first {
            switch byte {
            case 0x7B, 0x5B: return true
            case 0x20: rest = rest.dropFirst()
            case 0x5C:
                guard let letter = rest.dropFirst().first, [0x6E, 0x72, 0x74].contains(letter) else { return false }
                rest = rest.dropFirst(2)
            default: return false
            }
        }
        return false
    }

    private static func isJSON(_ text: [UInt8]) -> Bool {
        do throws(JSONError) {
            var reader = try JSONReader(text)
            try reader.skipValue()
            try reader.finish()
            return true
        } catch {
            return false
        }
    }
}
