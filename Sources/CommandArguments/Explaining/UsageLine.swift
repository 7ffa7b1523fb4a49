/// How a command is called, in short.
struct UsageLine {
    private let name: String
    /// The options that need not be given.
    private let optional: [String]
    /// What has to be given, and all arguments.
    private let required: [String]

    init(_ node: CommandNode) {
        name = node.name
        let shown = node.declarations.filter { !$0.help.isHidden }
        let canBeLeftOut = { (declaration: Declaration) in declaration.kind != .argument && !declaration.isRequired }
        optional = shown.filter(canBeLeftOut).map(Self.part)
        required = shown.filter { !canBeLeftOut($0) }.map(Self.part) + (node.isGroup ? ["<subcommand>"] : [])
    }

    private static func part(_ declaration: Declaration) -> String {
        let text = declaration.spelling + (declaration.isRepeating ? " ..." : "")
        return declaration.isRequired ? text : "[\(text)]"
    }

    /// The line; if it does not fit, `[<options>]` stands for the options that need not be given.
    func lines(leading: String, width: Int) -> [String] {
        let whole = ([leading + name] + optional + required).joined(separator: " ")
        if whole.count <= width { return [whole] }
        let short = [leading + name] + (optional.isEmpty ? [] : ["[<options>]"]) + required
        return TextBlock.lines(of: short, width: width, indentation: 4)
    }
}
