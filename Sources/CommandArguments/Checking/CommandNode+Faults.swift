extension CommandNode {
    /// What is wrong with the declarations of the command, which the compiler cannot see.
    var faults: [String] {
        let declarations = declarations
        let faults =
            nameFaults(declarations) + orderFaults(declarations) + declarations.flatMap(Self.textFaults)
            + commandFaults(declarations)
        return faults.map { "\(name): \($0)" }
    }

    private func nameFaults(_ declarations: [Declaration]) -> [String] {
        var seen = Set(BuiltInOption.allCases.flatMap(\.names))
        return declarations.flatMap(\.names).compactMap { option in
            guard seen.insert(option).inserted else { return "\(option) is declared twice" }
            let bare = option.drop { $0 == "-" }
            let isPlain = bare.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            let isComplete = option.hasPrefix("--") ? bare.count > 1 : bare.first?.isLetter == true
            return isPlain && isComplete ? nil : "\(option) cannot be the name of an option"
        }
    }

    private func orderFaults(_ declarations: [Declaration]) -> [String] {
        let arguments = declarations.filter { $0.kind == .argument }
        return zip(arguments, arguments.dropFirst()).compactMap { first, second in
            if first.isRepeating { return "\(first.placeholder) leaves nothing for \(second.placeholder)" }
            guard !first.isRequired, second.isRequired else { return nil }
            return "\(second.placeholder) is required, but \(first.placeholder) before it is not"
        }
    }

    private static func textFaults(_ declaration: Declaration) -> [String] {
        var faults: [String] = []
        if declaration.help.isHidden, declaration.isRequired {
            faults.append("\(declaration.spelling) is hidden and required")
        }
        if !declaration.help.isHidden, declaration.help.abstract.isEmpty {
            faults.append("\(declaration.spelling) has no help")
        }
        return faults
    }

    private func commandFaults(_ declarations: [Declaration]) -> [String] {
        var faults: [String] = []
        if configuration.abstract.isEmpty { faults.append("it has no help") }
        let names = children.map(\.configuration.commandName)
        for name in Set(names).sorted() where names.count(where: { $0 == name }) > 1 {
            faults.append("'\(name)' is the name of two commands")
        }
        for name in names where name.isEmpty || name.hasPrefix("-") || name.contains(" ") || name == "help" {
            faults.append("'\(name)' cannot be the name of a command")
        }
        if isGroup, !declarations.isEmpty { faults.append("it has commands and options") }
        if isGroup, type is any AsyncParsableCommand.Type { faults.append("it has commands and does something itself") }
        if !isGroup, !(type is any AsyncParsableCommand.Type) { faults.append("it does nothing") }
        if !Replay.isOrdered(type, declarations: declarations.count) {
            faults.append("it initialises its properties in another order")
        }
        return faults
    }
}
