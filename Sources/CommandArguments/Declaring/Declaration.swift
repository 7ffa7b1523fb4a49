/// What one property of a command declares.
package struct Declaration: Sendable {
    /// How its value is found on the command line.
    enum Kind: Sendable {
        /// By its place among the arguments.
        case argument
        /// After its name.
        case option
        /// By its name alone.
        case flag
    }

    let kind: Kind
    let help: ArgumentHelp
    /// How it is written; the names follow from it once the property's own name is known.
    let specification: NameSpecification
    /// The property's name.
    private(set) var property = ""
    /// The names it is given by, such as `-q` and `--quiet`; an argument has none.
    package private(set) var names: [String] = []
    /// The heading under which help shows it, instead of the usual one.
    private(set) var section: String?
    var isRequired = false
    var isRepeating = false
    /// The default as one would write it.
    var defaultText: String?
    /// All words it takes, where there are few.
    var choices: [String] = []
    var completion = ArgumentCompletion.nothing
    /// Makes a value of a word.
    var read: @Sendable (String) throws -> any Sendable = { $0 }

    init(_ kind: Kind, _ help: ArgumentHelp, _ specification: NameSpecification = .long) {
        self.kind = kind
        self.help = help
        self.specification = specification
    }

    /// The declaration with what only the command that has it can say.
    func named(_ property: String, in section: String?) -> Declaration {
        var named = self
        named.property = property
        named.section = section
        if kind != .argument { named.names = specification.names(for: property) }
        return named
    }
}

extension Declaration {
    /// What stands for the value: `<file>`.
    var placeholder: String {
        let all = choices.joined(separator: "|")
        // More than that would make the usage line unreadable; the help text lists them.
        let isShort = !all.isEmpty && all.count <= 24
        return "<\(help.valueName ?? (isShort ? all : NameSpecification.kebabCase(property)))>"
    }

    /// The name that messages use: the long one.
    var mainName: String { names.last ?? placeholder }

    /// The declaration as one would write it: `--to <vault>`.
    var spelling: String {
        switch kind {
        case .argument: placeholder
        case .option: "\(mainName) \(placeholder)"
        case .flag: mainName
        }
    }
}
