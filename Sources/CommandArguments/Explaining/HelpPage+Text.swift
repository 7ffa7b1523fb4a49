extension HelpPage {
    /// The page as a terminal shows it.
    ///
    /// - Parameter width: How many columns it may take; only examples, and words that are longer, take more.
    /// - Returns: Lines, each with a line feed.
    func text(width: Int) -> String {
        var lines = TextBlock.wrapped(abstract, width: width) + [""]
        lines += usage.lines(leading: "USAGE: ", width: width) + [""]
        for paragraph in paragraphs { lines += TextBlock.lines(paragraph, width: width) }
        if !paragraphs.isEmpty { lines.append("") }
        for section in sections {
            lines.append("\(section.title.uppercased()):")
            lines += section.rows.flatMap { TextBlock.lines($0, width: width) } + [""]
        }
        if node.isGroup {
            let path = ([node.path[0], "help"] + node.path.dropFirst() + ["<subcommand>"]).joined(separator: " ")
            lines += TextBlock.wrapped("See '\(path)' for what each of them does.", width: width) + [""]
        }
        return lines.dropLast().joined(separator: "\n") + "\n"
    }
}
