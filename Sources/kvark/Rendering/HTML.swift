import KVModel

/// HTML in which text from elsewhere cannot become markup.
///
/// Written as string literals; a string that is put in is escaped, and only HTML goes in as it is:
///
///     let cell: HTML = "<td>\(key.description)</td>"
///
/// What cannot be seen, such as control characters and those that turn the direction of text around, becomes a JSON
/// escape that can.
struct HTML: ExpressibleByStringInterpolation {
    /// The markup.
    let text: String

    private init(text: String) { self.text = text }

    init(stringLiteral value: String) { text = value }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// Pieces, one after another.
    init(_ pieces: [HTML]) { text = pieces.map(\.text).joined(separator: "\n") }

    /// Collects the pieces of a literal.
    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(2 * literalCapacity) }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ foreign: String) { text += HTML.escaped(foreign) }

        mutating func appendInterpolation(_ number: Int) { text += String(number) }

        mutating func appendInterpolation(_ html: HTML) { text += html.text }

        mutating func appendInterpolation(_ pieces: [HTML]) { text += HTML(pieces).text }
    }

    private static func escaped(_ foreign: String) -> String {
        var out = ""
        for scalar in VisibleText.escaped(foreign).unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension HTML {
    /// A key or prefix: set apart, so that letters written from right to left leave their surroundings alone.
    ///
    /// A long one is cut, and whole in its tooltip.
    static func key(_ key: KVKey) -> HTML {
        let whole = key.description
        guard whole.count > keyCharacters else { return "<bdi dir=\"ltr\" class=\"key\">\(whole)</bdi>" }
        let start = String(whole.prefix(keyCharacters * 2 / 3))
        let end = String(whole.suffix(keyCharacters / 3))
        return "<bdi dir=\"ltr\" class=\"key\" title=\"\(whole)\">\(start)<span class=\"cut\"> … </span>\(end)</bdi>"
    }

    private static let keyCharacters = 120

    /// A number as a person reads it, with the path of the same number in the JSON of `kvark show --json`.
    static func number(_ number: Int, _ path: String, _ shown: String) -> HTML {
        "<data data-path=\"\(path)\" value=\"\(number)\">\(shown)</data>"
    }

    /// A count, as ``number(_:_:_:)`` shows it.
    static func count(_ number: Int, _ path: String) -> HTML { self.number(number, path, Amounts.count(number)) }

    /// A size in bytes, as ``number(_:_:_:)`` shows it.
    static func bytes(_ number: Int, _ path: String) -> HTML { self.number(number, path, Amounts.bytes(number)) }
}
