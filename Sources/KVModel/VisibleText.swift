/// Text that came from elsewhere, made safe to show.
package enum VisibleText {
    /// The text with all that cannot be seen written as JSON escapes, such as `\u202e`; the rest stands for itself.
    package static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if isInvisible(scalar) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// Legal in JSON strings, but DEL and C1 controls move a terminal's cursor, separators break its lines, and format
    /// characters turn the direction of text around or take no space.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
