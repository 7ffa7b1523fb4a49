package import JSONText
public import KVModel

/// A part of an archive: a line of `parts.ndjson`.
public struct PartSummary: Hashable, Sendable {
    /// The file's name.
    public var name: String
    /// The records in it, at least one.
    public var records: Int
    /// The key of the first record.
    public var firstKey: KVKey
    /// The key of the last record.
    public var lastKey: KVKey
    /// The bytes of the record lines with their line feeds.
    public var rawBytes: Int
    /// The bytes of the file.
    public var bytes: Int
    /// The SHA-256 of the file in hexadecimal.
    public var sha256: String
    /// The data frames in it.
    public var frames: Int

    /// Puts a summary together.
    public init(
        name: String, records: Int, firstKey: KVKey, lastKey: KVKey, rawBytes: Int, bytes: Int, sha256: String,
        frames: Int
    ) {
        self.name = name
        self.records = records
        self.firstKey = firstKey
        self.lastKey = lastKey
        self.rawBytes = rawBytes
        self.bytes = bytes
        self.sha256 = sha256
        self.frames = frames
    }

    /// Whether a record with this key would stand in this part.
    func mayHold(_ key: KVKey) -> Bool { firstKey <= key && key <= lastKey }
}

// MARK: - As a line

extension PartSummary {
    /// The line, with its line feed.
    package var line: [UInt8] {
        var out = Array("{\"name\":".utf8)
        JSONString.append(name, to: &out)
        out += Array(",\"records\":\(records),\"firstKey\":".utf8)
        JSONString.append(firstKey.utf8, to: &out)
        out += Array(",\"lastKey\":".utf8)
        JSONString.append(lastKey.utf8, to: &out)
        out += Array(",\"rawBytes\":\(rawBytes),\"bytes\":\(bytes),\"sha256\":\"\(sha256)\"".utf8)
        out += Array(",\"frames\":\(frames)}\n".utf8)
        return out
    }

    /// Reads a line without its line feed; members may stand in any order, unknown ones are passed over.
    package init(parsing line: [UInt8]) throws(JSONError) {
        var reader = try JSONReader(line, maximumDepth: 64)
        var texts: [JSONName: [UInt8]] = [:]
        var numbers: [JSONName: Int] = [:]
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "name", "firstKey", "lastKey", "sha256":
                guard texts.updateValue(try reader.readString(), forKey: name) == nil else {
                    throw Self.fault("\"\(name)\" is there twice", reader)
                }
            case "records", "rawBytes", "bytes", "frames":
                guard let number = try reader.readInteger(), number > 0 else {
                    throw Self.fault("\"\(name)\" is not a positive whole number", reader)
                }
                guard numbers.updateValue(Int(number), forKey: name) == nil else {
                    throw Self.fault("\"\(name)\" is there twice", reader)
                }
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        try self.init(texts, numbers, reader)
    }

    private init(
        _ texts: [JSONName: [UInt8]], _ numbers: [JSONName: Int], _ reader: JSONReader
    ) throws(JSONError) {
        guard let name = texts["name"], let first = texts["firstKey"], let last = texts["lastKey"],
            let sha256 = texts["sha256"], let records = numbers["records"], let rawBytes = numbers["rawBytes"],
            let bytes = numbers["bytes"], let frames = numbers["frames"]
        else { throw Self.fault("a member is missing", reader) }
        guard let firstKey = KVKey(utf8: first), let lastKey = KVKey(utf8: last), firstKey.problem == nil,
            lastKey.problem == nil
        else { throw Self.fault("a key is not one that KV allows", reader) }
        let digest = String(decoding: sha256, as: UTF8.self)
        guard SHA256Hex.isWellFormed(digest) else { throw Self.fault("\"sha256\" is not one", reader) }
        self.init(
            name: String(decoding: name, as: UTF8.self), records: records, firstKey: firstKey, lastKey: lastKey,
            rawBytes: rawBytes, bytes: bytes, sha256: digest, frames: frames)
    }

    private static func fault(_ message: String, _ reader: JSONReader) -> JSONError {
        JSONError(.wrongKind, at: reader.position, message)
    }
}
