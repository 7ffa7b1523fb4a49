/// Judges JSON by recursive descent over code points: written after RFC 8259 alone, to be compared with `JSONReader`.
struct JSONGrammar {
    /// What becomes of a text.
    enum Verdict: Equatable {
        case invalid, tooDeep
        /// The strings in the order of the text, names of members included, each as UTF-16.
        case valid(strings: [[UInt16]])
    }

    private struct Refusal: Error {
        var verdict: Verdict
    }

    private var rest: ArraySlice<UInt32>
    private var strings: [[UInt16]] = []
    private let depthMaximum: Int

    /// Judges a text.
    static func verdict(on bytes: [UInt8], depthMaximum: Int) -> Verdict {
        guard let scalars = ScalarText.scalars(bytes) else { return .invalid }
        var grammar = JSONGrammar(rest: scalars[...], depthMaximum: depthMaximum)
        do {
            try grammar.element(depth: 0)
            return grammar.rest.isEmpty ? .valid(strings: grammar.strings) : .invalid
        } catch {
            return (error as? Refusal)?.verdict ?? .invalid
        }
    }

    private init(rest: ArraySlice<UInt32>, depthMaximum: Int) {
        self.rest = rest
        self.depthMaximum = depthMaximum
    }

    // MARK: Productions

    private mutating func element(depth: Int) throws {
        space()
        switch rest.first {
        case "{": try list("{", "}", depth) { grammar in try grammar.member(depth: depth + 1) }
        case "[": try list("[", "]", depth) { grammar in try grammar.element(depth: depth + 1) }
        case "\"": try string()
        case "t": try word("true")
        case "f": try word("false")
        case "n": try word("null")
        default: try number()
        }
        space()
    }

    private mutating func member(depth: Int) throws {
        space()
        try string()
        space()
        try take(":")
        try element(depth: depth)
    }

    private mutating func list(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ depth: Int,
        _ item: (inout JSONGrammar) throws -> Void
    ) throws {
        guard depth < depthMaximum else { throw Refusal(verdict: .tooDeep) }
        try take(open)
        space()
        if takes(close) { return }
        repeat { try item(&self) } while takes(",")
        try take(close)
    }

    private mutating func string() throws {
        try take("\"")
        var units: [UInt16] = []
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"":
                strings.append(units)
                return
            case 0..<0x20: throw invalid
            case "\\": units.append(try escape())
            case 0x1_0000...:
                units.append(UInt16(0xD7C0 + scalar >> 10))
                units.append(UInt16(0xDC00 + scalar & 0x3FF))
            default: units.append(UInt16(scalar))
            }
        }
        throw invalid
    }

    /// What the letters after a backslash stand for.
    private static let escapes: [UInt32: UInt16] = [
        0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9, 0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F,
    ]

    private mutating func escape() throws -> UInt16 {
        guard let letter = rest.popFirst() else { throw invalid }
        if let unit = Self.escapes[letter] { return unit }
        let digits = rest.prefix(4).compactMap(Unicode.Scalar.init).filter(\.isASCII).map(Character.init)
        guard letter == 0x75, digits.count == 4, digits.allSatisfy(\.isHexDigit),
            let unit = UInt16(String(digits), radix: 16)
        else { throw invalid }
        rest = rest.dropFirst(4)
        return unit
    }

    private mutating func number() throws {
        _ = takes("-")
        if !takes("0") { try digits() }
        if takes(".") { try digits() }
        if takes("e") || takes("E") {
            if !takes("+") { _ = takes("-") }
            try digits()
        }
    }

    private mutating func digits() throws {
        let count = rest.prefix { (0x30...0x39).contains($0) }.count
        guard count > 0 else { throw invalid }
        rest = rest.dropFirst(count)
    }

    private mutating func word(_ word: String) throws {
        for scalar in word.unicodeScalars { try take(scalar) }
    }

    // MARK: Code points

    private var invalid: Refusal { Refusal(verdict: .invalid) }

    private mutating func space() { rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }

    private mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func take(_ scalar: Unicode.Scalar) throws {
        guard takes(scalar) else { throw invalid }
    }
}

/// Makes code points readable as patterns.
private func ~= (scalar: Unicode.Scalar, value: UInt32) -> Bool { scalar.value == value }
private func ~= (scalar: Unicode.Scalar, value: UInt32?) -> Bool { scalar.value == value }
