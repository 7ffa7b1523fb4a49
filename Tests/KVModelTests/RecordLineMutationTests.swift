import KVModel
import KVTestSupport
import Testing

/// A damaged line is refused, or it is the canonical line of another record; there is nothing between.
@Suite struct RecordLineMutationTests {
    /// Whether the text is a line; records a failure if it is read as anything but itself.
    private func isLine(_ text: [UInt8]) -> Bool {
        let isLine = isParsed(text)
        if text.contains(0x0A) { return isLine }
        // Among other lines, it is found in place if it is one, and read as the same.
        let before = Array("{}\n".utf8)
        (before + text + [0x0A] + text).withUnsafeBytes { bytes in
            guard let outline = RecordOutline(bytes, from: before.count) else {
                #expect(!isLine, "\(hex(text))")
                return
            }
            let line = RecordLine(outline, in: bytes, from: before.count)
            #expect(isLine && line.text == text && outline.end == before.count + text.count, "\(hex(text))")
            guard let parsed = try? RecordLine(parsing: text) else { return }
            #expect(line.record == parsed.record && line.valueBytes == parsed.valueBytes, "\(hex(text))")
            #expect(line.isBase64 == parsed.isBase64 && line.metadataBytes == parsed.metadataBytes, "\(hex(text))")
        }
        // The last line of some bytes, which has no line feed, is left to the one who knows why.
        text.withUnsafeBytes { #expect(RecordOutline($0, from: 0) == nil, "\(hex(text))") }
        return isLine
    }

    private func isParsed(_ text: [UInt8]) -> Bool {
        do throws(RecordLine.Fault) {
            let line = try RecordLine(parsing: text)
            let again = RecordLine(line.record)
            #expect(again.text == text, "\(hex(text))")
            #expect(again.valueBytes == line.valueBytes && again.isBase64 == line.isBase64, "\(hex(text))")
            #expect(again.hasMetadata == line.hasMetadata && again.expiration == line.expiration, "\(hex(text))")
            return true
        } catch {
            return false
        }
    }

    @Test(arguments: [
        #"{"key":"kß","expiration":10,"metadata":{"v":1.0},"base64":true,"value":"/9j/4A=="}"#,
        #"{"key":"\n\u001f\"","value":"\\\u0000é😀"}"#,
    ])
    func `every change of one byte is judged rightly`(line: String) {
        let bytes = Array(line.utf8)
        #expect(isLine(bytes))
        var lines = 0
        for index in 0...bytes.count {
            for byte in UInt8(0)...255 {
                var inserted = bytes
                inserted.insert(byte, at: index)
                if isLine(inserted) { lines += 1 }
                guard index < bytes.count else { continue }
                var replaced = bytes
                replaced[index] = byte
                if isLine(replaced) { lines += 1 }
            }
            _ = isLine(Array(bytes[..<index]))
            if index < bytes.count { _ = isLine(Array(bytes[..<index] + bytes[(index + 1)...])) }
        }
        #expect(lines > 200)
    }

    @Test(arguments: Seed.several(4)) func `damaged lines of many records are judged rightly`(seed: Seed) {
        var edges = EdgeRecords(seed: seed.value, valueBytesMaximum: 64)
        var lines = 0
        for _ in 0..<400 {
            let line = RecordLine(edges.record()).text
            for _ in 0..<50 {
                var damaged = line
                let index = Int.random(in: 0..<line.count, using: &edges.generator)
                switch Int.random(in: 0..<4, using: &edges.generator) {
                case 0: damaged[index] ^= 1 << UInt8.random(in: 0..<8, using: &edges.generator)
                case 1: damaged[index] = edges.generator.pick(Array("\"\\/:,{}[]0149ueEtn=+ AQg".utf8))
                case 2: damaged.remove(at: index)
                default: damaged.insert(edges.generator.pick(line), at: index)
                }
                if isLine(damaged) { lines += 1 }
            }
        }
        #expect(lines > 100)
    }
}
