import Foundation
import JSONText

/// The JSON reader, compared with a grammar that was written without it.
struct JSONTarget: FuzzTarget {
    let name = "json"
    let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud83d\\ude00", "\\ud800", "\\udc00", "\\u001F", "\\/",
        "true", "false", "null", "1e400", "-0", "0.0", "1E+2", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "\u{2028}", "\u{10FFFF}", " ", "\t\r\n", "{\"\":", "[[", "]]", "\u{FEFF}",
    ]

    func run(_ input: [UInt8]) async throws -> String {
        let verdict = JSONGrammar.verdict(on: input, depthMaximum: JSONReader.defaultMaximumDepth)
        let compact: [UInt8]
        do throws(JSONError) {
            compact = try CompactJSON.text(of: input)
        } catch {
            try require(verdict == (error.code == .tooDeep ? .tooDeep : .invalid), "\(error), yet it is \(verdict)")
            try require((0...input.count).contains(error.offset), "\(error) is outside of the text")
            return Outcome.words(error.message)
        }
        guard case .valid(let strings) = verdict else { throw Violation("it was read though it is \(verdict)") }
        try checkCompact(compact, input)
        return try walk(input, strings)
    }

    private func checkCompact(_ compact: [UInt8], _ input: [UInt8]) throws {
        try require(try CompactJSON.text(of: compact) == compact, "compacting twice is not compacting once")
        try require(CompactJSON.isCompact(compact), "compact text is not compact")
        try require(CompactJSON.isCompact(input) == (input == compact), "text that stays as it is is not compact")
    }

    /// Reads the text value by value, with the method of each kind.
    private func walk(_ input: [UInt8], _ strings: [[UInt16]]) throws -> String {
        var walk = JSONWalk(strings: strings)
        do {
            var reader = try JSONReader(input)
            try walk.value(&reader)
            try reader.finish()
        } catch let error as JSONError {
            let isLone = strings.contains { String(validating: $0, as: UTF16.self) == nil }
            try require(error.code == .loneSurrogate && isLone, "\(error), though the text was read before")
            return "half a surrogate pair"
        }
        try require(walk.strings.isEmpty, "\(walk.strings.count) strings were not read")
        return "read: \(walk.kinds.sorted())"
    }
}

/// A walk over a text of which all strings are known.
private struct JSONWalk {
    /// The strings that come next.
    var strings: [[UInt16]]
    var kinds: Set<String> = []

    init(strings: [[UInt16]]) { self.strings = strings.reversed() }

    mutating func value(_ reader: inout JSONReader) throws {
        let kind = try reader.peekKind()
        kinds.insert("\(kind)")
        switch kind {
        case .object:
            try reader.beginObject()
            while let name = try reader.nextMember() {
                try checkString(Array(name.text.utf8))
                try value(&reader)
            }
        case .array:
            try reader.beginArray()
            while try reader.nextElement() { try value(&reader) }
        case .string: try string(&reader)
        case .number: try number(&reader)
        case .bool: _ = try reader.readBool()
        case .null: try reader.readNull()
        }
    }

    private mutating func string(_ reader: inout JSONReader) throws {
        var again = reader
        let decoded = try reader.readString()
        try checkString(decoded)
        var canonical: [UInt8] = []
        JSONString.append(decoded, to: &canonical)
        var other = try JSONReader(canonical)
        try require(try other.readString() == decoded, "a string is another one after writing it")
        let raw = Array(reader.bytes[(again.position..<reader.position)])
        let isCanonical = try again.readCanonicalString().map { $0.decodedBytes == decoded.count } ?? false
        let token = raw.drop { $0 != 0x22 }
        try require(isCanonical == token.elementsEqual(canonical), "canonical notation is misjudged")
        kinds.insert(isCanonical ? "canonical" : "other notation")
    }

    private mutating func checkString(_ decoded: [UInt8]) throws {
        let units = try require(strings.popLast(), "there is a string too many")
        try require(Array(String(decoding: decoded, as: UTF8.self).utf16) == units, "a string is decoded wrongly")
    }

    private mutating func number(_ reader: inout JSONReader) throws {
        var again = reader
        let integer = try reader.readInteger()
        let range = try again.readRaw()
        let token = String(decoding: reader.bytes[range], as: UTF8.self)
        kinds.insert(integer == nil ? "no integer" : "integer")
        if let plain = Int64(token) { try require(integer == plain, "\(token) is read as \(integer ?? 0)") }
        guard let exact = Self.exact(token) else { return }
        let isInteger = exact == integer.map { Decimal($0) }
        var whole = Decimal()
        var number = exact
        NSDecimalRound(&whole, &number, 0, .plain)
        let isWhole = whole == exact && exact >= Decimal(Int64.min) && exact <= Decimal(Int64.max)
        try require(isInteger == isWhole, "\(token) is read as \(integer.map(String.init) ?? "no integer")")
    }

    /// The number, if `Decimal` can hold it without rounding.
    private static func exact(_ token: String) -> Decimal? {
        let parts = token.lowercased().split(separator: "e")
        let digits = parts[0].utf8.count { (0x30...0x39).contains($0) }
        guard digits <= 30, parts.count == 1 || (Int(parts[1]) ?? 100).magnitude <= 60 else { return nil }
        return Decimal(string: token, locale: Locale(identifier: "en_US_POSIX"))
    }
}
