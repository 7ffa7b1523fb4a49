import Foundation

/// A plot of bars, one below the other, each with its name and its numbers in words.
///
/// Only the bars are drawings; text is text of the page, which wraps and keeps its size on any screen.
struct BarPlot {
    struct Bar {
        var name: HTML
        /// What the bar's length stands for.
        var length: Int
        /// The numbers, as a person reads them.
        var numbers: HTML
        /// A class of the style sheet that colours the bar.
        var colour = "one"
    }

    var title: String
    /// What the bars' lengths are, and their unit.
    var note: HTML
    var bars: [Bar]

    var html: HTML {
        let most = bars.map(\.length).max() ?? 0
        return """
            <figure>
            <figcaption><h2>\(title)</h2><p>\(note)</p></figcaption>
            <ul class="bars">
            \(bars.map { Self.html($0, most) })
            </ul>
            </figure>
            """
    }

    private static func html(_ bar: Bar, _ most: Int) -> HTML {
        let percent = most > 0 ? Double(bar.length) / Double(most) * 100 : 0
        // A bar that is not nothing can be seen.
        let width = String(format: "%.2f%%", bar.length > 0 ? max(0.5, percent) : 0)
        return """
            <li><span class="name">\(bar.name)</span><span class="numbers">\(bar.numbers)</span>\
            <svg class="bar" width="100%" height="12" aria-hidden="true"><rect class="track" width="100%" height="12" rx="2"/>\
            <rect class="\(bar.colour)" width="\(width)" height="12" rx="2"/></svg></li>
            """
    }
}
