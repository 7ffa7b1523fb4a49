import JSONText
import KVTransfer

/// Files of pairs and keys, as wrangler and the API take them.
enum BulkFile {
    private static let bytesMaximum = 2 << 30

    /// The keys in a file: an array of strings, or of objects with a `name`.
    static func keys(in path: String) throws -> [KVKey] {
        let bytes = try InputFile.read(path, upTo: bytesMaximum)
        do {
            var reader = try JSONReader(bytes)
            var keys: [KVKey] = []
            try reader.beginArray()
            while try reader.nextElement() { keys.append(try readKey(&reader)) }
            try reader.finish()
            return keys
        } catch {
            throw CommandFailure("\(path) is not a JSON array of keys: \(error)")
        }
    }

    /// The pairs in a file, cut into requests.
    static func requests(in path: String) throws -> [BulkPairs] {
        let bytes = try InputFile.read(path, upTo: bytesMaximum)
        var requests: [BulkPairs] = []
        var pairs = BulkPairs()
        var seen: Set<KVKey> = []
        try forEachPair(bytes, path) { pair in
            guard seen.insert(pair.record.key).inserted else {
                throw CommandFailure("\(path) has key \(pair.record.key) twice")
            }
            let line = RecordLine(pair.record)
            if !pairs.isEmpty, !pairs.fits(line, requestLimit: KVLimits.bulkRequestBytes - 1_000_000) {
                requests.append(pairs)
                pairs = BulkPairs()
            }
            if let seconds = pair.timeToLive {
                pairs.append(pair.record, expiringAfter: seconds)
            } else {
                pairs.append(line)
            }
        }
        if !pairs.isEmpty { requests.append(pairs) }
        return requests
    }

    /// A pair as the bulk write takes it.
    private struct Pair {
        var record: KVRecord
        var timeToLive: Int64?
    }

    private static func forEachPair(_ bytes: [UInt8], _ path: String, _ body: (Pair) throws -> Void) throws {
        let isArray = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x5B
        guard isArray else {
            for (index, line) in bytes.split(separator: 0x0A).enumerated() {
                try named("\(path), line \(index + 1)") {
                    var reader = try JSONReader(Array(line))
                    let pair = try readPair(&reader)
                    try reader.finish()
                    try body(pair)
                }
            }
            return
        }
        var reader = try named(path) { try JSONReader(bytes) }
        try named(path) { try reader.beginArray() }
        var index = 0
        while try named(path, { try reader.nextElement() }) {
            try named("\(path), pair \(index + 1)") { try body(try readPair(&reader)) }
            index += 1
        }
        try named(path) { try reader.finish() }
    }

    private static func named<Result>(_ place: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as JSONError {
            throw CommandFailure("\(place): \(error)")
        }
    }

    private static func readPair(_ reader: inout JSONReader) throws -> Pair {
        var key: KVKey?
        var value: [UInt8]?
        var isBase64 = false
        var pair = Pair(record: KVRecord(key: "", value: []))
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "key": key = KVKey(utf8: try reader.readString())
            case "value": value = try reader.readString()
            case "base64": isBase64 = try reader.readBool()
            case "metadata":
                let range = try reader.readRaw()
                pair.record.metadata = try KVMetadata(json: Array(reader.bytes[range]))
            case "expiration":
                pair.record.expiration = try readSeconds(&reader).map { UnixTime(seconds: $0) }
            case "expiration_ttl": pair.timeToLive = try readSeconds(&reader)
            default: throw JSONError(.wrongKind, at: reader.position, "a pair has no member \(name)")
            }
        }
        guard let key, let value else {
            throw JSONError(.wrongKind, at: reader.position, "a pair needs \"key\" and \"value\"")
        }
        if let problem = key.problem { throw JSONError(.wrongKind, at: reader.position, problem.description) }
        pair.record.key = key
        if isBase64 {
            guard let decoded = Base64Text.decode(value) else {
                throw JSONError(.wrongKind, at: reader.position, "the value of \(key) is not base64")
            }
            pair.record.value = decoded
        } else {
            pair.record.value = value
        }
        return pair
    }

    private static func readSeconds(_ reader: inout JSONReader) throws(JSONError) -> Int64? {
        if try reader.peekKind() == .null {
            try reader.readNull()
            return nil
        }
        guard let seconds = try reader.readInteger() else {
            throw JSONError(.wrongKind, at: reader.position, "a time is not a whole number of seconds")
        }
        return seconds
    }

    private static func readKey(_ reader: inout JSONReader) throws(JSONError) -> KVKey {
        if try reader.peekKind() == .string { return KVKey(String(decoding: try reader.readString(), as: UTF8.self)) }
        var key: KVKey?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            if name == "name" {
                key = KVKey(String(decoding: try reader.readString(), as: UTF8.self))
            } else {
                try reader.skipValue()
            }
        }
        guard let key else { throw JSONError(.wrongKind, at: reader.position, "an object without a \"name\"") }
        return key
    }
}
