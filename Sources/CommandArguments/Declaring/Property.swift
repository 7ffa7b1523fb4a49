/// A property wrapper that declares an option or an argument.
protocol DeclaringProperty {
    var origin: PropertyOrigin { get }
}

/// A property wrapper that holds a group of options and arguments.
protocol DeclaringGroup {
    var content: any ParsableArguments { get }
    /// The heading under which help shows it.
    var section: String? { get }
}

/// Where a property has its value from: a declaration at first, and once the command line is read what was given for it.
///
/// A reference, because the compiler writes out for each property how each field of it is copied: commands with many
/// properties took seven times as long to compile without it.
final class PropertyOrigin: Sendable {
    /// What the property declares, unless the command line is read already.
    let declaration: Declaration?
    /// Which of the command's declarations the property has its value from, once the command line is read.
    let position: Int?

    init(_ declaration: Declaration) {
        self.declaration = declaration
        position = nil
    }

    init(position: Int) {
        declaration = nil
        self.position = position
    }
}

/// What a property wrapper holds: its origin and its value.
struct Property<Value: Sendable>: Sendable {
    let origin: PropertyOrigin
    private let stored: Value?

    /// Takes the value that was given, or declares the property if the command line is not read yet.
    ///
    /// - Parameters:
    ///   - fallback: The value when none is given; `nil` makes the property required.
    ///   - collect: Makes the value of all that was given.
    ///   - declare: What the property declares.
    init(fallback: Value?, collect: ([any Sendable]) -> Value?, declare: () -> Declaration) {
        if let replay = Replay.current {
            let (position, given) = replay.next()
            origin = PropertyOrigin(position: position)
            stored = given.isEmpty ? fallback : collect(given)
        } else {
            var declaration = declare()
            declaration.isRequired = fallback == nil
            origin = PropertyOrigin(declaration)
            stored = fallback
        }
    }

    var value: Value {
        guard let stored else {
            let text = origin.declaration?.help.abstract ?? ""
            preconditionFailure("a required property is read before the command line is: '\(text)'")
        }
        return stored
    }
}

extension Property where Value: ArgumentValue {
    /// A value that its type reads.
    init(
        _ kind: Declaration.Kind, _ name: NameSpecification, _ help: ArgumentHelp, _ completion: ArgumentCompletion?,
        fallback: Value?
    ) {
        self.init(fallback: fallback, collect: { Value.collecting($0.compactMap { $0 as? Value.Single }) }) {
            var declaration = Declaration(kind, help, name)
            declaration.isRepeating = Value.isRepeating
            declaration.choices = Value.Single.argumentChoices
            declaration.completion = completion ?? Value.Single.argumentCompletion
            let text = fallback?.words.joined(separator: " ") ?? ""
            declaration.defaultText = text.isEmpty ? nil : text
            declaration.read = { word in
                if let value = Value.Single(argument: word) { return value }
                throw Misreading(form: Value.Single.argumentForm)
            }
            return declaration
        }
    }
}

extension Property {
    /// A value that a function makes.
    init<Single: Sendable>(
        _ name: NameSpecification, _ help: ArgumentHelp, _ completion: ArgumentCompletion, fallback: Value?,
        isRepeating: Bool = false, _ transform: @escaping @Sendable (String) throws -> Single,
        collect: ([any Sendable]) -> Value?
    ) {
        self.init(fallback: fallback, collect: collect) {
            var declaration = Declaration(.option, help, name)
            declaration.isRepeating = isRepeating
            declaration.completion = completion
            declaration.read = { try transform($0) }
            return declaration
        }
    }
}

/// A word that stands for no value of the type.
struct Misreading: Error {
    /// What a word has to be.
    let form: String?
}
