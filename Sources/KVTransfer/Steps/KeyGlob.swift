/// A pattern for whole keys: `*` is any run of characters, `?` is one, `[a-z]` one of a class, `[!a-z]` one that is not
/// in it, and `\` takes the special meaning from the character after it.
///
/// A character is a Unicode scalar, and all others stand for themselves, byte for byte: no case is folded, no form
/// normalised, and `/` and leading dots are nothing special.
public struct KeyGlob: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case one(Unicode.Scalar)
        case anyOne
        case anyRun
        case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    /// Why a text is no pattern.
    public struct Fault: Error, Hashable, CustomStringConvertible {
        /// What is wrong, in a few words.
        public let description: String
    }

    /// The pattern as it was written.
    public let pattern: String
    private let tokens: [Token]

    /// Reads a pattern.
    ///
    /// - Parameter pattern: The pattern.
    /// - Throws: A ``Fault`` that says what is wrong with it.
    public init(_ pattern: String) throws(Fault) {
        self.pattern = pattern
        var parser = Parser(rest: pattern.unicodeScalars[...])
        tokens = try parser.tokens()
    }

    /// What every key that matches starts with.
    public var literalPrefix: KVKey {
        var prefix = ""
        for case .one(let scalar) in tokens.prefix(while: { if case .one = $0 { true } else { false } }) {
            prefix.unicodeScalars.append(scalar)
        }
        return KVKey(prefix)
    }

    /// Whether a whole key matches; the time is at most the product of both lengths.
    public func matches(_ key: KVKey) -> Bool {
        let scalars = Array(key.string.unicodeScalars)
        var token = 0
        var index = 0
        // Where to go on when the tokens after the last run of anything do not fit: with a run longer by one.
        var retry: (token: Int, index: Int)?
        while index < scalars.count {
            if token < tokens.count, tokens[token] == .anyRun {
                retry = (token, index)
                token += 1
            } else if token < tokens.count, Self.matches(tokens[token], scalars[index]) {
                token += 1
                index += 1
            } else if let last = retry {
                retry = (last.token, last.index + 1)
                token = last.token + 1
                index = last.index + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .anyRun }
    }

    private static func matches(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .one(let other): scalar == other
        case .anyOne: true
        case .anyRun: false
        case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }

    private struct Parser {
        var rest: Substring.UnicodeScalarView

        mutating func tokens() throws(Fault) -> [Token] {
            var tokens: [Token] = []
            while let scalar = rest.popFirst() {
                switch scalar {
                case "*":
                    if tokens.last != .anyRun { tokens.append(.anyRun) }
                case "?": tokens.append(.anyOne)
                case "[": tokens.append(try characterClass())
                case "\\": tokens.append(.one(try escaped()))
                default: tokens.append(.one(scalar))
                }
            }
            return tokens
        }

        private mutating func escaped() throws(Fault) -> Unicode.Scalar {
            guard let scalar = rest.popFirst() else { throw Fault(description: "nothing follows the last \\") }
            return scalar
        }

        private mutating func characterClass() throws(Fault) -> Token {
            var ranges: [ClosedRange<Unicode.Scalar>] = []
            let isNegated = rest.first == "!" || rest.first == "^"
            if isNegated { rest.removeFirst() }
            while let scalar = rest.popFirst() {
                if scalar == "]" {
                    guard !ranges.isEmpty else {
                        throw Fault(description: "a class [] is empty; write \\] for a bracket")
                    }
                    return .oneOf(ranges, isNegated: isNegated)
                }
                let low = scalar == "\\" ? try escaped() : scalar
                var high = low
                if rest.first == "-", rest.dropFirst().first != "]", rest.count > 1 {
                    rest.removeFirst()
                    let last = try escaped()
                    high = last == "\\" ? try escaped() : last
                }
                guard low <= high else { throw Fault(description: "the range \(low)-\(high) is upside down") }
                ranges.append(low...high)
            }
            throw Fault(description: "a [ has no ]")
        }
    }
}
