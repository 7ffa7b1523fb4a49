/// How a word of the command line is taken apart: by its bytes, since a letter may be one with the accent after it.
enum Word {
    private static let dash = UInt8(ascii: "-")

    /// Whether a word is an option or `--`; a value may be `-`, which is standard input, or a number such as `-1`.
    static func isOption(_ word: String) -> Bool {
        guard word.utf8.first == dash, let second = word.utf8.dropFirst().first else { return false }
        return !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(second) && second != UInt8(ascii: ".")
    }

    /// Whether an option is written with its long name.
    static func isLong(_ word: String) -> Bool { word.utf8.starts(with: [dash, dash]) }

    /// `--level=3` as its name and its value; without `=` there is no value.
    static func parts(_ word: String) -> (name: String, value: String?) {
        guard let end = word.utf8.firstIndex(of: UInt8(ascii: "=")) else { return (word, nil) }
        return (String(word[..<end]), String(word[word.utf8.index(after: end)...]))
    }

    /// The letters of `-qv`; a word of another kind has none.
    static func letters(_ word: String) -> String.UnicodeScalarView.SubSequence {
        guard isOption(word), !isLong(word) else { return "".unicodeScalars[...] }
        return word.unicodeScalars.dropFirst()
    }

    /// A word as messages show it: in quotes, cut off where it is long, without what a terminal would obey.
    static func quoted(_ word: String) -> String {
        let most = 100
        let shown = word.unicodeScalars.prefix(most).reduce(into: "") { text, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return "'\(shown)\(word.unicodeScalars.count > most ? "…" : "")'"
    }
}
