/// A value that is known by its place.
@propertyWrapper
package struct Argument<Value: ArgumentValue>: Sendable, DeclaringProperty {
    private let property: Property<Value>

    /// What was given, or the default.
    package var wrappedValue: Value { property.value }
    var origin: PropertyOrigin { property.origin }

    /// An argument with a default.
    package init(wrappedValue: Value, help: ArgumentHelp, completion: ArgumentCompletion? = nil) {
        property = Property(.argument, .long, help, completion, fallback: wrappedValue)
    }

    /// An argument without a default: `nil` if it is an optional and not given, otherwise required.
    ///
    /// An array takes all arguments that are left, and at least one.
    package init(help: ArgumentHelp, completion: ArgumentCompletion? = nil) {
        property = Property(.argument, .long, help, completion, fallback: Value.valueIfMissing)
    }
}
