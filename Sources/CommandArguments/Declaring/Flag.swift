/// A name that is given or not: `--quiet` or `-q`.
@propertyWrapper
package struct Flag: Sendable, DeclaringProperty {
    private let property: Property<Bool>

    /// Whether it was given.
    package var wrappedValue: Bool { property.value }
    var origin: PropertyOrigin { property.origin }

    /// A flag.
    ///
    /// - Parameters:
    ///   - wrappedValue: What the property is when the flag is not given, which has to be `false`.
    ///   - name: How it is written.
    ///   - help: What help says of it.
    package init(wrappedValue: Bool, name: NameSpecification = .long, help: ArgumentHelp) {
        precondition(!wrappedValue, "a flag can only turn something on")
        property = Property(fallback: false, collect: { !$0.isEmpty }) { Declaration(.flag, help, name) }
    }
}
