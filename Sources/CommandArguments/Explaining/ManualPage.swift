import Glibc

/// The manual of a tool with all its commands, as `man` shows it.
struct ManualPage {
    private let root: CommandNode

    init(_ root: CommandNode) { self.root = root }

    /// The page in the language of roff's macros `man`.
    ///
    /// - Parameter date: The date that its foot shows.
    /// - Returns: Lines, each with a line feed.
    func text(date: String = today) -> String {
        let tool = root.name
        let pages = root.all.map(HelpPage.init)
        let title = "\(tool.uppercased()) 1 \"\(date)\" \"\(tool) \(root.version ?? "")\" \"User Commands\""
        var lines = [".TH \(title)", ".nh", ".ad l", ".SH NAME"]
        lines += ["\(tool) \\- \(Self.escaped(Self.withoutStop(root.configuration.abstract)))", ".SH SYNOPSIS"]
        lines += [".B \(tool)"] + (root.isGroup ? [".I command", "[options]"] : ["[options]"])
        // A paragraph begins with its heading already.
        if let first = pages.first { lines += [".SH DESCRIPTION"] + Self.body(of: first).dropFirst() }
        if pages.count > 1 { lines.append(".SH COMMANDS") }
        for page in pages.dropFirst() { lines += Self.subsection(page) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func subsection(_ page: HelpPage) -> [String] {
        let usage = page.usage.lines(leading: "", width: 72).map(escaped)
        let head = [".SS \(escaped(page.node.name))", escaped(page.abstract), ".PP", ".nf"]
        return head + usage + [".fi"] + body(of: page)
    }

    private static func body(of page: HelpPage) -> [String] {
        // The commands of a group follow it.
        paragraphs(of: page) + (page.node.isGroup ? [] : page.sections.flatMap(rows))
    }

    private static func rows(of section: HelpPage.Section) -> [String] {
        [".PP", ".I \(escaped(section.title))"]
            + section.rows.flatMap { [".TP", ".B \(escaped($0.head))", escaped($0.body)] }
    }

    /// The paragraphs; examples that follow each other are one block.
    private static func paragraphs(of page: HelpPage) -> [String] {
        var lines: [String] = []
        var isExample = false
        for paragraph in page.paragraphs where !paragraph.isEmpty {
            if paragraph.hasPrefix(" ") {
                if !isExample { lines += [".PP", ".nf"] }
                lines.append(escaped(paragraph))
            } else {
                lines += (isExample ? [".fi"] : []) + [".PP", escaped(paragraph)]
            }
            isExample = paragraph.hasPrefix(" ")
        }
        return lines + (isExample ? [".fi"] : [])
    }

    /// Text that roff shows as it is.
    private static func escaped(_ text: String) -> String {
        let result = text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case "`": result += "\\(ga"
            case "…": result += "..."
            default: result.append(character)
            }
        }
        return result.hasPrefix(".") ? "\\&\(result)" : result
    }

    private static func withoutStop(_ sentence: String) -> String {
        sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }

    /// The day of the build that wants to be repeatable (`SOURCE_DATE_EPOCH`), else today, in UTC.
    private static var today: String {
        var seconds = getenv("SOURCE_DATE_EPOCH").flatMap { time_t(String(cString: $0)) } ?? time(nil)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "" }
        let (month, day) = (parts.tm_mon + 1, parts.tm_mday)
        return "\(parts.tm_year + 1900)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
}
