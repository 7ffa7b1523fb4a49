/// A value that follows a name: `--level 3` or `--level=3`.
@propertyWrapper
package struct Option<Value: Sendable>: Sendable, DeclaringProperty {
    private let property: Property<Value>

    /// What was given, or the default.
    package var wrappedValue: Value { property.value }
    var origin: PropertyOrigin { property.origin }

    /// An option with a default.
    package init(
        wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp, completion: ArgumentCompletion? = nil
    ) where Value: ArgumentValue {
        property = Property(.option, name, help, completion, fallback: wrappedValue)
    }

    /// An option without a default: `nil` if it is an optional and not given, otherwise required.
    package init(name: NameSpecification = .long, help: ArgumentHelp, completion: ArgumentCompletion? = nil)
    where Value: ArgumentValue {
        property = Property(.option, name, help, completion, fallback: Value.valueIfMissing)
    }

    /// An option with a default, whose value a function makes.
    package init(
        wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp,
        completion: ArgumentCompletion = .nothing, transform: @escaping @Sendable (String) throws -> Value
    ) {
        property = Property(name, help, completion, fallback: wrappedValue, transform) { $0.last as? Value }
    }

    /// An option that need not be given, whose value a function makes.
    package init<Wrapped: Sendable>(
        name: NameSpecification = .long, help: ArgumentHelp, completion: ArgumentCompletion = .nothing,
        transform: @escaping @Sendable (String) throws -> Wrapped
    ) where Value == Wrapped? {
        property = Property(name, help, completion, fallback: .some(nil), transform) { .some($0.last as? Wrapped) }
    }

    /// An option that can be given more than once, whose values a function makes.
    package init<Element: Sendable>(
        wrappedValue: [Element], name: NameSpecification = .long, help: ArgumentHelp,
        completion: ArgumentCompletion = .nothing, transform: @escaping @Sendable (String) throws -> Element
    ) where Value == [Element] {
        property = Property(name, help, completion, fallback: wrappedValue, isRepeating: true, transform) {
            $0.compactMap { $0 as? Element }
        }
    }
}
