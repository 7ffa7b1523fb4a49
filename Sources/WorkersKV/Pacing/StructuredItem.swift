/// An item of a structured-field list (RFC 9651): `"default";q=1200;w=300`.
///
/// Read leniently: what cannot be read is left out, since a header is no reason to fail.
struct StructuredItem: Hashable, Sendable {
    /// The item's own value, without quotation marks.
    var name: String
    /// Parameters by name.
    var parameters: [String: String]

    /// A parameter that is a whole number.
    func number(_ name: String) -> Double? { parameters[name].flatMap(WholeNumber.parse) }

    /// The items of a list.
    static func list(_ text: String) -> [StructuredItem] {
        split(text, at: ",").compactMap { item in
            var parts = split(item, at: ";").map { $0.trimmingWhitespace() }
            guard let first = parts.first, !first.isEmpty else { return nil }
            parts.removeFirst()
            var parameters: [String: String] = [:]
            for part in parts {
                guard let equals = part.firstIndex(of: "=") else { continue }
                let name = part[..<equals].lowercased().trimmingWhitespace()
                parameters[name] = unquoted(String(part[part.index(after: equals)...]))
            }
            return StructuredItem(name: unquoted(first), parameters: parameters)
        }
    }

    /// Splits where the separator is not inside quotation marks.
    private static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
        var parts = [String.UnicodeScalarView()]
        var isQuoted = false
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if scalar == separator, !isQuoted {
                parts.append(String.UnicodeScalarView())
                continue
            }
            if scalar == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && scalar == "\\" && !isEscaped
            parts[parts.count - 1].append(scalar)
        }
        return parts.map { String($0) }
    }

    private static func unquoted(_ text: String) -> String {
        let text = text.trimmingWhitespace()
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast()).replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
    }
}
