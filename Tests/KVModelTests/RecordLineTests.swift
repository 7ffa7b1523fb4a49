import JSONText
import KVModel
import KVTestSupport
import Testing

/// What a line says must be what the record holds, for us and for others.
@Suite struct RecordLineTests {
    @Test func `the line in the documentation is the line that is written`() throws {
        let record = KVRecord(
            key: "user:1", value: [0xFF, 0xD8, 0xFF, 0xE0], metadata: try KVMetadata(json: " { \"v\" : 1.0 } "),
            expiration: UnixTime(seconds: 1_893_456_000))
        let text = #"{"key":"user:1","expiration":1893456000,"metadata":{"v":1.0},"base64":true,"value":"/9j/4A=="}"#
        #expect(RecordLine(record).text == Array(text.utf8))
        #expect(try RecordLine(parsing: Array(text.utf8)).record == record)
    }

    @Test(arguments: Seed.several(5)) func `ten thousand records come back from their lines`(seed: Seed) throws {
        let records = EdgeRecords.records(count: 2500, seed: seed.value)
        #expect(records.count == 2500)
        for record in records {
            let made = RecordLine(record)
            let parsed = try RecordLine(parsing: made.text)
            #expect(parsed.record == record, "\(record.key)")
            #expect(made.record == record, "\(record.key)")
            #expect(RecordLine(parsed.record).text == made.text, "\(record.key)")
            #expect(parsed == made && parsed.hashValue == made.hashValue)
            #expect(parsed.key == record.key && parsed.value == record.value && parsed.metadata == record.metadata)
            #expect(parsed.expiration == record.expiration && parsed.hasMetadata == (record.metadata != nil))
            #expect(parsed.valueBytes == record.value.count && made.valueBytes == record.value.count)
            #expect(parsed.isBase64 == !UTF8Text.isValid(record.value) && made.isBase64 == parsed.isBase64)
            #expect(!made.text.contains(0x0A))
        }
    }

    @Test(arguments: Seed.several(2)) func `a line with other details is the line of such a record`(seed: Seed) throws {
        let records = EdgeRecords.records(count: 800, seed: seed.value)
        let others = EdgeRecords.records(count: 800, seed: seed.value ^ 1)
        for (record, other) in zip(records, others) {
            let changed = RecordLine(record).with(
                key: other.key, metadata: other.metadata, expiration: other.expiration)
            let expected = KVRecord(
                key: other.key, value: record.value, metadata: other.metadata, expiration: other.expiration)
            #expect(changed == RecordLine(expected) && changed.record == expected)
            #expect(try RecordLine(parsing: changed.text).record == expected)
            #expect(
                changed.valueBytes == record.value.count && changed.metadataBytes == other.metadata?.json.count ?? 0)
        }
    }

    @Test(arguments: Seed.several(2)) func `two records have the same line only if they are the same`(seed: Seed) {
        let records = EdgeRecords.records(count: 1000, seed: seed.value)
        let others = EdgeRecords.records(count: 1000, seed: seed.value ^ 1)
        for (one, other) in zip(records, others) {
            #expect((RecordLine(one).text == RecordLine(other).text) == (one == other))
        }
        #expect(Set(records.map { RecordLine($0) }).count == records.count)
    }

    @Test(arguments: Seed.several(2)) func `Python reads the same key, value and expiration`(seed: Seed) async throws {
        let records = EdgeRecords.records(count: 5000, seed: seed.value)
        let script = """
            import base64, json, sys
            for line in sys.stdin.buffer:
                pair = json.loads(line.decode('utf-8'))
                value = pair['value']
                data = base64.b64decode(value, validate=True) if pair.get('base64') is True else value.encode('utf-8')
                print(pair['key'].encode('utf-8').hex(), data.hex(), pair.get('expiration', ''), sep=',')
            """
        let output = try await CommandRunner.python(script, input: lines(records))
        let expected = records.map { "\(hex($0.key.utf8)),\(hex($0.value)),\($0.expiration?.description ?? "")\n" }
        #expect(String(decoding: output, as: UTF8.self) == expected.joined())
    }

    /// jq 1.6 refuses a text that names half a surrogate pair, which metadata may; it is left those out.
    @Test func `jq reads the same key and value`() async throws {
        let records = EdgeRecords.records(count: 5000, seed: 77).filter { !namesHalfPairs($0.metadata?.text) }
        #expect(records.count > 4000)
        let output = try await CommandRunner.output(
            of: "jq", ["-c", "[.key, .value, .base64 == true]"], input: lines(records))
        let answers = output.split(separator: 0x0A)
        try #require(answers.count == records.count)
        for (answer, record) in zip(answers, records) {
            var reader = try JSONReader(Array(answer))
            try reader.beginArray()
            #expect(try reader.nextElement())
            #expect(try reader.readString() == record.key.utf8)
            #expect(try reader.nextElement())
            let value = try reader.readString()
            #expect(try reader.nextElement())
            #expect((try reader.readBool() ? Base64Text.decode(value) : value) == record.value)
        }
    }

    @Test func `metadata nested as deep as they may be still come back`() throws {
        let depth = JSONReader.defaultMaximumDepth
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let record = KVRecord(key: "deep", text: "", metadata: try KVMetadata(json: text))
        #expect(try RecordLine(parsing: RecordLine(record).text).record == record)
    }

    @Test(arguments: [[0x61], [0x0A], [0x01, 0x0A, 0x22], [0xFF]] as [[UInt8]])
    func `a value may have 25 MiB and no byte more`(pattern: [UInt8]) throws {
        var value: [UInt8] = []
        while value.count < KVLimits.valueBytes { value += pattern }
        value.removeLast(value.count - KVLimits.valueBytes)
        let line = try RecordLine(parsing: RecordLine(KVRecord(key: "k", value: value)).text)
        #expect(line.valueBytes == KVLimits.valueBytes)
        #expect(line.value == value)
        #expect(line.text.count <= RecordLine.bytesMaximum)
        value.append(pattern[0])
        let tooLong = RecordLine(KVRecord(key: "k", value: value)).text
        #expect(throws: RecordLine.Fault.self) { try RecordLine(parsing: tooLong) }
    }

    private func lines(_ records: [KVRecord]) -> [UInt8] { records.flatMap { RecordLine($0).text + [0x0A] } }

    private func namesHalfPairs(_ metadata: String?) -> Bool {
        guard let metadata else { return false }
        let lower = metadata.lowercased()
        return ["8", "9", "a", "b", "c", "d", "e", "f"].contains { lower.contains("\\ud\($0)") }
    }
}

/// Lower-case hexadecimal digits.
func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }.joined()
}
