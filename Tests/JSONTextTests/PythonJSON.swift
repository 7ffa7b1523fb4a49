import JSONText
import KVTestSupport

/// Python's `json`, held to RFC 8259: no `NaN`, no `Infinity`, no byte order mark, no bytes that are not UTF-8.
enum PythonJSON {
    /// For each text, whether Python takes it for one JSON value.
    static func verdicts(_ texts: [[UInt8]]) async throws -> [Bool] {
        let script = """
            import json, sys
            sys.setrecursionlimit(20000)
            def refuse(word): raise ValueError(word)
            for line in sys.stdin:
                try:
                    text = bytes.fromhex(line).decode('utf-8')
                    if text.startswith('\\ufeff'): raise ValueError('mark')
                    json.loads(text, parse_constant=refuse, parse_int=str, parse_float=str)
                    print(1)
                except ValueError:
                    print(0)
            """
        let output = try await CommandRunner.python(script, input: hexLines(texts))
        return output.filter { $0 != 0x0A }.map { $0 == 0x31 }
    }

    /// Lower-case hexadecimal digits, one text a line: bytes travel unharmed.
    static func hexLines(_ texts: [[UInt8]]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var lines: [UInt8] = []
        for text in texts {
            for byte in text {
                lines.append(digits[Int(byte >> 4)])
                lines.append(digits[Int(byte & 15)])
            }
            lines.append(0x0A)
        }
        return lines
    }
}

/// Whether the reader takes a text for one JSON value.
func readerAccepts(_ text: [UInt8]) -> Bool {
    do throws(JSONError) {
        var reader = try JSONReader(text)
        try reader.skipValue()
        try reader.finish()
        return true
    } catch {
        return false
    }
}

/// Whether the calls for single values, made as a careful caller would, take a text for one JSON value; `nil` when a
/// name with half a surrogate pair, which is grammatical but cannot be decoded, ends the walk.
func walkAccepts(_ text: [UInt8]) -> Bool? {
    do throws(JSONError) {
        var reader = try JSONReader(text)
        try walk(&reader)
        try reader.finish()
        return true
    } catch {
        return error.code == .loneSurrogate ? nil : false
    }
}

/// Reads a value with the calls for its kind; recursion is bounded by the reader's depth.
private func walk(_ reader: inout JSONReader) throws(JSONError) {
    switch try reader.peekKind() {
    case .object:
        try reader.beginObject()
        while try reader.nextMember() != nil { try walk(&reader) }
    case .array:
        try reader.beginArray()
        while try reader.nextElement() { try walk(&reader) }
    // Half a surrogate pair is legal JSON that cannot be decoded; here only the grammar counts.
    case .string: _ = try reader.readCanonicalStringToken()
    case .number: _ = try reader.readInteger()
    case .bool: _ = try reader.readBool()
    case .null: try reader.readNull()
    }
}

/// Valid UTF-8 for messages, whatever the bytes are.
func shown(_ text: [UInt8]) -> String { JSONString.quoted(String(decoding: text, as: UTF8.self)) }

/// Hexadecimal digits, for messages about bytes that cannot be shown.
func hex(_ text: [UInt8]) -> String { String(decoding: PythonJSON.hexLines([text]).dropLast(), as: UTF8.self) }
