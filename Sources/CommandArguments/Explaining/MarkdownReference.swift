/// The reference of a tool with all its commands, in Markdown.
struct MarkdownReference {
    private let root: CommandNode

    init(_ root: CommandNode) { self.root = root }

    /// A heading for each command, deeper for those below others.
    var text: String { root.all.map { Self.page(HelpPage($0)) }.joined(separator: "\n") }

    private static func page(_ page: HelpPage) -> String {
        let heading = "\(String(repeating: "#", count: page.node.path.count)) `\(page.node.name)`"
        var lines = [heading, "", quoted(page.abstract), "", "```"]
        lines += page.usage.lines(leading: "", width: 100) + ["```"]
        lines += paragraphs(of: page)
        for section in page.sections {
            lines += ["", "**\(section.title)**", ""]
            lines += section.rows.map { "- `\($0.head)`: \(quoted($0.body))" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The paragraphs; examples that follow each other are one block.
    private static func paragraphs(of page: HelpPage) -> [String] {
        var lines: [String] = []
        var isExample = false
        for paragraph in page.paragraphs where !paragraph.isEmpty {
            if paragraph.hasPrefix(" ") {
                if !isExample { lines += ["", "```sh"] }
                lines.append(String(paragraph.drop { $0 == " " }))
            } else {
                lines += (isExample ? ["```"] : []) + ["", quoted(paragraph)]
            }
            isExample = paragraph.hasPrefix(" ")
        }
        return lines + (isExample ? ["```"] : [])
    }

    /// Text that Markdown shows as it is.
    private static func quoted(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "*_<[`\\".contains(character) { result += "\\" }
            result.append(character)
        }
    }
}
