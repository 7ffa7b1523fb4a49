package import JSONText
import KVModel

/// A `JSONError` under a name of this module.
package typealias JSONFault = JSONError

/// What every JSON answer of the API is wrapped in.
package struct Envelope: Sendable {
    var isSuccess = false
    var errors: [APIMessage] = []
    var messages: [APIMessage] = []
    /// A reader that stands before the `result`, if there is one.
    package var result: JSONReader?
    /// A reader that stands before the `result_info`, if there is one.
    var resultInfo: JSONReader?

    init(isSuccess: Bool) { self.isSuccess = isSuccess }

    /// Reads an answer's body.
    ///
    /// - Throws: A `JSONError` when the body is not one JSON object with a `success` member.
    package init(parsing body: [UInt8]) throws(JSONError) {
        var reader = try JSONReader(body)
        var hasSuccess = false
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "success":
                isSuccess = try reader.readBool()
                hasSuccess = true
            case "errors": errors = try Self.readMessages(&reader)
            case "messages": messages = try Self.readMessages(&reader)
            case "result":
                result = reader
                try reader.skipValue()
            case "result_info":
                resultInfo = reader
                try reader.skipValue()
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard hasSuccess else { throw JSONError(.wrongKind, at: 0, "an object without \"success\"") }
    }

    /// How deep messages may lie behind each other.
    private static let chainDepth = 8

    /// Messages are for people: whatever is not as it should be in them is passed over.
    private static func readMessages(
        _ reader: inout JSONReader, depth: Int = chainDepth
    ) throws(JSONError) -> [APIMessage] {
        guard depth > 0, try reader.peekKind() == .array else {
            try reader.skipValue()
            return []
        }
        var messages: [APIMessage] = []
        try reader.beginArray()
        while try reader.nextElement() {
            if try reader.peekKind() == .object {
                messages.append(try readMessage(&reader, depth: depth))
            } else {
                try reader.skipValue()
            }
        }
        return messages
    }

    private static func readMessage(_ reader: inout JSONReader, depth: Int) throws(JSONError) -> APIMessage {
        var message = APIMessage(code: APICode(rawValue: 0), message: "")
        try reader.beginObject()
        while let name = try reader.nextMember() {
            let kind = try reader.peekKind()
            if name == "code", kind == .number {
                message.code = APICode(rawValue: try reader.readInteger().flatMap { Int(exactly: $0) } ?? 0)
            } else if name == "message", kind == .string {
                message.message = String(decoding: try reader.readString(), as: UTF8.self)
            } else if name == "error_chain" {
                message.chain = try readMessages(&reader, depth: depth - 1)
            } else {
                try reader.skipValue()
            }
        }
        return message
    }
}

extension JSONReader {
    /// Reads a string, or `nil` for any value that is not one.
    mutating func readOptionalString() throws(JSONError) -> String? {
        guard try peekKind() == .string else {
            try skipValue()
            return nil
        }
        return String(decoding: try readString(), as: UTF8.self)
    }

    /// Reads a whole number, or `nil` for any value that is not one.
    mutating func readOptionalInteger() throws(JSONError) -> Int64? {
        guard try peekKind() == .number else {
            try skipValue()
            return nil
        }
        return try readInteger()
    }

    /// Reads a value as metadata; `null` is none.
    mutating func readMetadata() throws(JSONError) -> KVMetadata? {
        let range = try readRaw()
        return try KVMetadata(json: Array(bytes[range]))
    }
}
