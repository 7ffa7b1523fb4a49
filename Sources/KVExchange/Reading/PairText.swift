import JSONText
import KVTransfer

/// A pair as people, wrangler and other programs write it: members in any order, white space, any escapes, and a time to
/// live in the place of an expiration.
struct PairText {
    /// The moment from which times to live count.
    let now: UnixTime

    /// Reads a pair, and the time to live it may have in the place of an expiration.
    func record(_ text: [UInt8]) throws -> (line: RecordLine, timeToLive: Int64?) {
        if let line = try? RecordLine(parsing: text), line.metadata?.isTooLong != true { return (line, nil) }
        var reader = try JSONReader(text, maximumDepth: JSONReader.defaultMaximumDepth + 2)
        var members = Members()
        try members.read(&reader)
        try reader.finish()
        guard let key = members.key else { throw RecordFault("\"key\" is missing") }
        guard let value = members.value else { throw RecordFault("\"value\" is missing") }
        let line = try RecordLine(
            checking: KVRecord(
                key: key, value: members.isBase64 ? try Self.decoded(value) : value, metadata: members.metadata,
                expiration: members.timeToLive.map { now + $0 } ?? members.expiration))
        return (line, members.timeToLive)
    }

    static func decoded(_ text: [UInt8]) throws(RecordFault) -> [UInt8] {
        guard let bytes = Base64Text.decode(text) else { throw RecordFault("the value is not base64") }
        return bytes
    }

    /// What the members of a pair say; also of an index and of a bulk read, which have some of them.
    struct Members {
        var key: KVKey?
        var value: [UInt8]?
        /// Whether the value is there and is `null`.
        var hasNullValue = false
        var isBase64 = false
        var metadata: KVMetadata?
        var expiration: UnixTime?
        var timeToLive: Int64?
        var file: [UInt8]?
        private var seen: Set<JSONName> = []

        init() {}

        mutating func read(_ reader: inout JSONReader, allowsFile: Bool = false) throws {
            try reader.beginObject()
            while let name = try reader.nextMember() {
                guard seen.insert(name).inserted else { throw RecordFault("\(KVKey(name.text)) stands there twice") }
                try read(name, &reader, allowsFile)
            }
        }

        private mutating func read(_ name: JSONName, _ reader: inout JSONReader, _ allowsFile: Bool) throws {
            switch name {
            case "key": key = KVKey(utf8: try reader.readString())
            case "value":
                hasNullValue = try reader.peekKind() == .null
                if hasNullValue { try reader.readNull() } else { value = try reader.readString() }
            case "base64": isBase64 = try reader.readBool()
            case "metadata": metadata = try KVMetadata(json: Array(reader.bytes[try reader.readRaw()]))
            case "expiration": expiration = try Self.seconds(&reader).map { UnixTime(seconds: $0) }
            case "expiration_ttl": timeToLive = try Self.seconds(&reader)
            case "file" where allowsFile: file = try reader.readString()
            default: throw RecordFault("a record has no member \(KVKey(name.text))")
            }
        }

        private static func seconds(_ reader: inout JSONReader) throws -> Int64? {
            if try reader.peekKind() == .null {
                try reader.readNull()
                return nil
            }
            guard let seconds = try reader.readInteger(), seconds > 0 else {
                throw RecordFault("a time is not a positive whole number of seconds")
            }
            return seconds
        }
    }
}
