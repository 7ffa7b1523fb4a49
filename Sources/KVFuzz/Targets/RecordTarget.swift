import JSONText
import KVModel

/// Record lines: what is read is canonical, and what is canonical is read.
struct RecordTarget: FuzzTarget {
    let name = "record"
    let tokens = [
        "{\"key\":\"", "\",\"expiration\":", ",\"metadata\":", ",\"base64\":true", ",\"base64\":false",
        ",\"value\":\"", "\"}", "\\u0000", "\\u001f", "\\u001F", "\\/", "\\n", "\\\"", "\\\\", "null", "{\"a\":1.0}",
        "/9j/4A==", "gA==", "gB==", "é", "e\u{301}", "\u{1F600}", "\\u006bey", " ", "..", "\u{FEFF}",
    ]

    func run(_ input: [UInt8]) async throws -> String {
        do {
            let line = try RecordLine(parsing: input)
            try Self.check(line)
            try require(line.text == input, "the line is not the text it was read from")
            let members = [line.expiration != nil, line.hasMetadata, line.isBase64, line.valueBytes == 0]
            return "a line: \(members)"
        } catch let fault as RecordLine.Fault {
            let canonical = try canonicalLine(input)
            try require(canonical != input, "a canonical line is refused: \(fault)")
            return Outcome.words(fault.description)
        }
    }

    /// Checks that a line is the one that its record has.
    static func check(_ line: RecordLine) throws {
        let record = line.record
        let again = RecordLine(record)
        try require(again.text == line.text, "the line is not the canonical one: \(quoted(line.text))")
        try require(
            again.key == line.key && again.expiration == line.expiration && again.isBase64 == line.isBase64
                && again.hasMetadata == line.hasMetadata && again.valueBytes == line.valueBytes,
            "the line says something else than its record: \(quoted(line.text))")
        try require(record.key.problem == nil, "the key is none: \(quoted(line.text))")
        guard let metadata = record.metadata else { return }
        try require(try KVMetadata(json: metadata.json) == metadata, "the metadata is not compact")
        guard case .valid = JSONGrammar.verdict(on: metadata.json, depthMaximum: .max) else {
            throw Violation("the metadata is not JSON: \(quoted(line.text))")
        }
    }

    /// Reads an object as leniently as a bulk write does, and writes its record as a line; `nil` if that cannot be done.
    private func canonicalLine(_ input: [UInt8]) throws -> [UInt8]? {
        guard var reader = try? JSONReader(input), let record = try? record(&reader) else { return nil }
        let isTooLong = (record.metadata?.json.count ?? 0) > RecordLine.metadataBytesMaximum
        guard record.key.problem == nil, !isTooLong, record.expiration?.seconds ?? 1 > 0 else { return nil }
        return RecordLine(record).text
    }

    private func record(_ reader: inout JSONReader) throws -> KVRecord? {
        var record = KVRecord(key: "", value: [])
        var isBase64 = false
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "key": record.key = KVKey(String(decoding: try reader.readString(), as: UTF8.self))
            case "value": record.value = try reader.readString()
            case "metadata": record.metadata = try KVMetadata(json: Array(reader.bytes[try reader.readRaw()]))
            case "base64": isBase64 = try reader.readBool()
            case "expiration": record.expiration = try reader.readInteger().map(UnixTime.init)
            default: return nil
            }
        }
        try reader.finish()
        if isBase64 {
            guard let bytes = Base64Text.decode(record.value) else { return nil }
            record.value = bytes
        }
        return record
    }

    private static func quoted(_ text: [UInt8]) -> String {
        JSONString.quoted(String(decoding: text.prefix(200), as: UTF8.self))
    }
}
