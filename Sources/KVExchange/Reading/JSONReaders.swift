import JSONText
import KVTransfer

/// A pair per line.
struct NDJSONReader: RecordReader {
    let input: any ByteInput
    let pairs: PairText
    let unit = "line"

    func forEachRecord(_ body: (Int, ReadRecord) throws -> Void) throws {
        var lines = LineReader(input)
        var number = 0
        while let line = try lines.next() {
            number += 1
            switch line {
            case .tooLong: try body(number, .fault("the line is longer than any record"))
            case .text(let text):
                if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
                try body(number, ReadRecord(pair: { try pairs.record(text) }))
            }
        }
    }
}

/// An array of pairs, as wrangler's bulk put takes it.
struct BulkPutReader: RecordReader {
    let input: any ByteInput
    let name: String
    let pairs: PairText
    let unit = "pair"

    func forEachRecord(_ body: (Int, ReadRecord) throws -> Void) throws {
        var cutter = JSONCutter(input, name: name)
        while let text = try cutter.next() {
            try body(cutter.count, ReadRecord(pair: { try pairs.record(text) }))
        }
    }
}

/// An object of keys with values, as wrangler's bulk get prints it: the value a string, `null`, or an object with `value` and maybe
/// `metadata` and `expiration`.
struct BulkGetReader: RecordReader {
    let input: any ByteInput
    let name: String
    let unit = "member"

    func forEachRecord(_ body: (Int, ReadRecord) throws -> Void) throws {
        var cutter = JSONCutter(input, name: name)
        while let member = try cutter.next() {
            var isAbsent = false
            let read = try ReadRecord {
                guard let line = try Self.record([0x7B] + member + [0x7D]) else {
                    isAbsent = true
                    throw RecordFault("there is no value")
                }
                return line
            }
            try body(cutter.count, isAbsent ? .absent : read)
        }
    }

    /// The record of one member, or `nil` if the key had no value.
    private static func record(_ text: [UInt8]) throws -> RecordLine? {
        var reader = try JSONReader(text, maximumDepth: JSONReader.defaultMaximumDepth + 2)
        try reader.beginObject()
        guard let key = try reader.nextMember() else { throw RecordFault("a key is missing") }
        var members = PairText.Members()
        switch try reader.peekKind() {
        case .null:
            try reader.readNull()
            members.hasNullValue = true
        case .object: try members.read(&reader)
        default: members.value = try reader.readString()
        }
        guard try reader.nextMember() == nil else { throw RecordFault("a comma is missing") }
        try reader.finish()
        if members.hasNullValue { return nil }
        guard let value = members.value else { throw RecordFault("\"value\" is missing") }
        return try RecordLine(
            checking: KVRecord(
                key: KVKey(key.text), value: value, metadata: members.metadata, expiration: members.expiration))
    }
}
