/// Puts text into lines.
enum TextBlock {
    /// A paragraph; one that begins with a space is an example and stays as it is.
    static func lines(_ paragraph: String, width: Int) -> [String] {
        paragraph.hasPrefix(" ") ? [paragraph] : wrapped(paragraph, width: width)
    }

    /// Two columns; a head that is too long for the first has a line of its own.
    static func lines(_ row: HelpPage.Row, width: Int) -> [String] {
        // On a narrow terminal the second column would be a column of words.
        let column = width < 64 ? 6 : 26
        let padding = String(repeating: " ", count: column)
        let head = "  \(row.head)"
        let body = wrapped(row.body, width: width - column)
        guard head.count < column - 1, let first = body.first else { return [head] + body.map { padding + $0 } }
        let start = head + String(repeating: " ", count: column - head.count) + first
        return [start] + body.dropFirst().map { padding + $0 }
    }

    /// The text in lines that break between words.
    static func wrapped(_ text: String, width: Int) -> [String] {
        lines(of: text.split(separator: " ").map(String.init), width: width)
    }

    /// Pieces in lines that break between them; all lines but the first are indented.
    static func lines(of pieces: [String], width: Int, indentation: Int = 0) -> [String] {
        var lines: [String] = []
        var line = pieces.first ?? ""
        for piece in pieces.dropFirst() {
            if line.count + 1 + piece.count <= width {
                line += " \(piece)"
            } else {
                lines.append(line)
                line = String(repeating: " ", count: indentation) + piece
            }
        }
        return lines + [line]
    }
}
