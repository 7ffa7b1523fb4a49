/// What an option or an argument may be declared as: an ``ExpressibleByArgument``, or an optional or array of one.
package protocol ArgumentValue: Sendable {
    /// What one word of the command line becomes.
    associatedtype Single: ExpressibleByArgument
    /// Whether it can be given more than once, and keeps all.
    static var isRepeating: Bool { get }
    /// The value when none is given, for types that have one.
    static var valueIfMissing: Self? { get }
    /// The value made of all that was given, which is at least one.
    static func collecting(_ values: [Single]) -> Self?
    /// The words one would write to get this value.
    var words: [String] { get }
}

extension ExpressibleByArgument {
    package static var isRepeating: Bool { false }
    package static var valueIfMissing: Self? { nil }
    package static func collecting(_ values: [Self]) -> Self? { values.last }
    package var words: [String] { [argumentText] }
}

extension Optional: ArgumentValue where Wrapped: ExpressibleByArgument {
    package static var isRepeating: Bool { false }
    package static var valueIfMissing: Wrapped?? { .some(nil) }
    package static func collecting(_ values: [Wrapped]) -> Wrapped?? { .some(values.last) }
    package var words: [String] { map(\.words) ?? [] }
}

extension Array: ArgumentValue where Element: ExpressibleByArgument {
    package static var isRepeating: Bool { true }
    package static var valueIfMissing: [Element]? { nil }
    package static func collecting(_ values: [Element]) -> [Element]? { values }
    package var words: [String] { map(\.argumentText) }
}
