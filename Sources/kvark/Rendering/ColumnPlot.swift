import Foundation

/// A histogram of columns side by side, with all its numbers in a table that unfolds.
struct ColumnPlot {
    struct Column {
        /// The name below the column, as short as can be.
        var name: String
        var height: Int
        /// The column's row of the table.
        var row: HTML
    }

    var title: String
    /// What the columns' heights are, and their unit.
    var note: HTML
    var columns: [Column]
    /// The names of the table's columns.
    var header: HTML

    private static let height = 190.0
    private static let top = 20.0
    private static let bottom = 22.0
    /// No column is wider than this share of the plot, in percent.
    private static let widest = 14.0

    var html: HTML {
        """
        <figure>
        <figcaption><h2>\(title)</h2><p>\(note)</p></figcaption>
        <svg class="columns" width="100%" height="\(Int(Self.height))" role="img" aria-label="\(title)">
        \(drawing)
        <line class="axis" x1="0" x2="100%" y1="\(Self.text(Self.height - Self.bottom))" y2="\(Self.text(Self.height - Self.bottom))"/>
        </svg>
        <details><summary>All numbers</summary>
        <div class="wide"><table><thead><tr>\(header)</tr></thead><tbody>
        \(columns.map(\.row))
        </tbody></table></div></details>
        </figure>
        """
    }

    private var drawing: [HTML] {
        let most = max(1, columns.map(\.height).max() ?? 1)
        let width = min(100 / Double(max(1, columns.count)), Self.widest)
        return columns.enumerated().map { index, column in
            Self.drawing(column, left: Double(index) * width, width: width, share: Double(column.height) / Double(most))
        }
    }

    private static func drawing(_ column: Column, left: Double, width: Double, share: Double) -> HTML {
        let room = height - top - bottom
        // A column that is not nothing can be seen.
        let tall = column.height > 0 ? max(1.5, share * room) : 0
        let ground = height - bottom
        let middle = text(left + width / 2) + "%"
        return """
            <rect class="one" x="\(text(left + width * 0.08))%" width="\(text(width * 0.84))%" \
            y="\(text(ground - tall))" height="\(text(tall))" rx="2"/>\
            <text class="count" x="\(middle)" y="\(text(ground - tall - 5))">\(Amounts.brief(column.height))</text>\
            <text class="size" x="\(middle)" y="\(text(height - 6))">\(column.name)</text>
            """
    }

    private static func text(_ number: Double) -> String { String(format: "%.2f", number) }
}
