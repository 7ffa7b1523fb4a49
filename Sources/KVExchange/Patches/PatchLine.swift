import JSONText
import KVTransfer

/// The lines of a patch: a header, puts that are record lines, deletions, and an end.
enum PatchLine {
    /// The version of the format.
    static let version: Int64 = 1

    case header
    case put(RecordLine)
    case deletion(KVKey)
    case end(End)

    /// What the last line says of those before it.
    struct End: Hashable {
        var puts: Int
        var deletes: Int
        var unreadable: Int
        var sha256: String

        var text: [UInt8] {
            Array(
                "{\"puts\":\(puts),\"deletes\":\(deletes),\"unreadable\":\(unreadable),\"sha256\":\"\(sha256)\"}".utf8)
        }
    }

    static func header(from first: String, to second: String) -> [UInt8] {
        var text = Array("{\"kvarkPatch\":\(version),\"from\":".utf8)
        JSONString.append(Array(first.utf8), to: &text)
        text += ",\"to\":".utf8
        JSONString.append(Array(second.utf8), to: &text)
        return text + [0x7D]
    }

    static func deletion(of key: KVKey) -> [UInt8] {
        var text = Array("{\"key\":".utf8)
        JSONString.append(key.utf8, to: &text)
        return text + Array(",\"delete\":true}".utf8)
    }

    /// Reads a line.
    ///
    /// - Parameter line: The line, without its line feed.
    /// - Throws: A fault that says what is wrong with it.
    init(_ line: [UInt8]) throws(JSONError) {
        var reader = try JSONReader(line)
        try reader.beginObject()
        switch try reader.nextMember() {
        case "kvarkPatch":
            guard try reader.readInteger() == Self.version else {
                throw JSONError(.wrongKind, at: 0, "the patch is of a version that this program does not know")
            }
            while try reader.nextMember() != nil { try reader.skipValue() }
            self = .header
        case "puts": self = .end(try Self.readEnd(&reader))
        default:
            if let key = try Self.deletedKey(line) {
                self = .deletion(key)
                return
            }
            do throws(RecordLine.Fault) {
                self = .put(try RecordLine(parsing: line))
            } catch {
                throw JSONError(.wrongKind, at: 0, error.description)
            }
            return
        }
        try reader.finish()
    }

    private static func readEnd(_ reader: inout JSONReader) throws(JSONError) -> End {
        var end = End(puts: try readCount(&reader), deletes: -1, unreadable: -1, sha256: "")
        while let name = try reader.nextMember() {
            switch name {
            case "deletes": end.deletes = try readCount(&reader)
            case "unreadable": end.unreadable = try readCount(&reader)
            case "sha256": end.sha256 = String(decoding: try reader.readString(), as: UTF8.self)
            default: try reader.skipValue()
            }
        }
        return end
    }

    private static func readCount(_ reader: inout JSONReader) throws(JSONError) -> Int {
        guard let count = try reader.readInteger(), count >= 0 else {
            throw JSONError(.wrongKind, at: reader.position, "a count is not a whole number")
        }
        return Int(count)
    }

    /// The key of a line that deletes it; `nil` for any other.
    private static func deletedKey(_ line: [UInt8]) throws(JSONError) -> KVKey? {
        var reader = try JSONReader(line)
        try reader.beginObject()
        guard try reader.nextMember() == "key", try reader.peekKind() == .string else { return nil }
        let key = KVKey(utf8: try reader.readString())
        guard try reader.nextMember() == "delete" else { return nil }
        guard try reader.readBool(), let key else {
            throw JSONError(.wrongKind, at: reader.position, "\"delete\" is not true")
        }
        guard try reader.nextMember() == nil else {
            throw JSONError(.wrongKind, at: reader.position, "a member follows \"delete\"")
        }
        try reader.finish()
        if let problem = key.problem { throw JSONError(.wrongKind, at: 0, problem.description) }
        return key
    }
}
