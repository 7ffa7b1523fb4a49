import Foundation
package import JSONText
package import KVModel

/// The body of a bulk write: an array of pairs.
///
/// One pair that cannot be written refuses the whole request, with the key in the message.
package struct BulkWriteBody {
    /// What is to be written, in the order of the request.
    package private(set) var writes: [RecordWrite] = []

    /// What has no effect in it, the first of each kind.
    package private(set) var warnings: [RequestWarning] = []

    private let now: UnixTime
    private let operation: String

    /// Reads a body.
    package init(_ reader: inout JSONReader, now: UnixTime, operation: String) throws {
        self.now = now
        self.operation = operation
        try reader.beginArray()
        while try reader.nextElement() {
            guard writes.count < KVLimits.bulkWritePairs else {
                throw APIFault(
                    .invalidRequest, operation,
                    "You can write a maximum of \(KVLimits.bulkWritePairs) key-value pairs")
            }
            let pair = try Pair(&reader)
            writes.append(try write(of: pair))
            if pair.mayNeedWarning { addWarnings(of: pair) }
        }
    }

    /// A pair as it stands in the request.
    private struct Pair {
        var key: KVKey?
        var value: [UInt8]?
        var metadata: [UInt8] = []
        var isBase64 = false
        var expiration: String?
        var ttl: String?
        var unreadMember: String?

        init(_ reader: inout JSONReader) throws {
            try reader.beginObject()
            while let name = try reader.nextMember() {
                switch name {
                case "key": key = KVKey(utf8: try reader.readString())
                case "value": value = try reader.readString()
                case "metadata": metadata = Array(reader.bytes[try reader.readRaw()])
                case "base64": isBase64 = try reader.readOptionalBool()
                case "expiration": expiration = try Self.number(&reader)
                case "expiration_ttl": ttl = try Self.number(&reader)
                default:
                    unreadMember = unreadMember ?? name.text
                    try reader.skipValue()
                }
            }
        }

        var mayNeedWarning: Bool { unreadMember != nil || expiration != nil || ttl != nil }

        /// A number's text; `null` is no number.
        private static func number(_ reader: inout JSONReader) throws -> String? {
            if try reader.peekKind() == .null {
                try reader.readNull()
                return nil
            }
            let start = reader
            if let integer = try reader.readInteger() { return String(integer) }
            reader = start
            let text = String(decoding: reader.bytes[try reader.readRaw()], as: UTF8.self)
            // `60.9` is read up to the point; numbers with an exponent are not whole and not meant.
            return text.contains("e") || text.contains("E") ? "NaN" : text
        }
    }

    private mutating func addWarnings(of pair: Pair) {
        var found = ExpirationRule.warnings(
            expiration: pair.expiration, ttl: pair.ttl, moment: writes.last?.expiration, now: now)
        if let name = pair.unreadMember {
            found.append(RequestWarning(.unreadMember, "nothing reads a pair's member \(RequestWarning.quoted(name))"))
        }
        for warning in found where !warnings.contains(where: { $0.kind == warning.kind }) {
            warnings.append(warning)
        }
    }

    private func write(of pair: Pair) throws -> RecordWrite {
        guard let key = pair.key else {
            throw APIFault.malformed(operation, "pair \(writes.count) has no key")
        }
        try KeyRule.check(key, in: .body, operation: operation)
        // Only for what is refused: to make it for each of ten thousand keys takes a tenth of a bulk write.
        var suffix: String { " Key: \(KeyRule.abbreviated(key))" }
        guard let text = pair.value else { throw APIFault.malformed(operation, "a pair has no value.\(suffix)") }
        guard let value = pair.isBase64 ? LenientBase64.decode(text) : text else {
            throw APIFault.malformed(operation, "the value is not base64.\(suffix)")
        }
        guard value.count <= KVLimits.valueBytes else {
            throw APIFault(
                .payloadTooLarge, operation,
                "Value length of \(value.count) exceeds limit of \(KVLimits.valueBytes).\(suffix)")
        }
        // The reader has seen that the text is JSON.
        let metadata = pair.metadata.isEmpty ? nil : try KVMetadata(json: pair.metadata)
        try MetadataRule.check(metadata, operation: operation, suffix: suffix)
        return RecordWrite(
            key: key, value: value, metadata: metadata, expiration: try expiration(of: pair, suffix: suffix))
    }

    private func expiration(of pair: Pair, suffix: @autoclosure () -> String) throws(APIFault) -> UnixTime? {
        do {
            return try ExpirationRule.moment(
                expiration: pair.expiration, ttl: pair.ttl, now: now, operation: operation)
        } catch {
            var fault = error
            if fault.items[0].message.hasSuffix("'") { fault.items[0].message.removeLast() }
            fault.items[0].message += "\(suffix())'"
            throw fault
        }
    }
}

/// Base64 as clients send it: the standard alphabet, with or without line ends and padding.
enum LenientBase64 {
    /// The bytes a text stands for, or `nil` if it is not base64.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        var digits = text.contains(where: isBlank) ? text.filter { !isBlank($0) } : text
        let padding = digits.reversed().prefix { $0 == 0x3D }.count
        guard padding <= 2 else { return nil }
        if padding == 0 {
            digits += [UInt8](repeating: 0x3D, count: (4 - digits.count % 4) % 4)
        }
        guard digits.count.isMultiple(of: 4), let data = Data(base64Encoded: Data(digits)) else { return nil }
        return Array(data)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D || byte == 0x20 || byte == 0x09 }
}
