import JSONText
package import KVModel

/// The first key and the record count of each data frame of a part.
///
/// It is NDJSON in a skippable frame, right before the seek table: a heading and one line for each data frame.
///
/// ```
/// {"kvarkKeyIndex":1}
/// {"firstKey":"a","records":3}
/// ```
package struct KeyIndex: Equatable {
    package struct Entry: Equatable {
        package var firstKey: KVKey
        package var records: Int

        package init(firstKey: KVKey, records: Int) {
            self.firstKey = firstKey
            self.records = records
        }
    }

    private static let frameMagic: UInt32 = 0x184D_2A5B
    private static let heading = Array("{\"kvarkKeyIndex\":1}\n".utf8)

    package var entries: [Entry]

    /// The largest frame for some data frames: each line holds one key, of which every byte may be escaped.
    static func bytesMaximum(frames: Int) -> Int {
        frames.multipliedBounded(by: 6 * KVLimits.keyBytes + 64).addingBounded(8 + heading.count)
    }

    /// The index as a frame.
    package var frame: [UInt8] {
        var content = Self.heading
        for entry in entries {
            content += Array("{\"firstKey\":".utf8)
            JSONString.append(entry.firstKey.utf8, to: &content)
            content += Array(",\"records\":\(entry.records)}\n".utf8)
        }
        var out: [UInt8] = []
        out.appendLittleEndian(Self.frameMagic)
        out.appendLittleEndian(UInt32(content.count))
        return out + content
    }

    package init(entries: [Entry]) { self.entries = entries }

    /// Whether a frame is a key index at all, of this or of another version.
    static func isKeyIndex(_ frame: [UInt8]) -> Bool {
        frame[...].littleEndian(at: 0) == frameMagic && frame.dropFirst(8).starts(with: heading)
    }

    /// Reads an index.
    ///
    /// - Returns: `nil` if the frame is not one in exactly the form that is written here.
    package init?(frame: [UInt8]) {
        guard Self.isKeyIndex(frame), frame[...].littleEndian(at: 4) == UInt32(exactly: frame.count - 8) else {
            return nil
        }
        entries = []
        for line in frame.dropFirst(8 + Self.heading.count).split(separator: 0x0A) {
            guard let entry = try? Self.entry(Array(line)) else { return nil }
            entries.append(entry)
        }
        guard self.frame == frame else { return nil }
    }

    private static func entry(_ line: [UInt8]) throws(JSONError) -> Entry? {
        var reader = try JSONReader(line, maximumDepth: 1)
        try reader.beginObject()
        guard try reader.nextMember() == "firstKey", let key = KVKey(utf8: try reader.readString()),
            key.problem == nil, try reader.nextMember() == "records", let records = try reader.readInteger(),
            records > 0
        else { return nil }
        return Entry(firstKey: key, records: Int(records))
    }

    /// The frame in which a key stands, if any frame holds it.
    func frame(for key: KVKey) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].firstKey <= key { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }
}
