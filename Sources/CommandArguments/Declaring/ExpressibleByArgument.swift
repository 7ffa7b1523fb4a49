/// A type whose values are each written as one word of the command line.
package protocol ExpressibleByArgument: ArgumentValue where Single == Self {
    /// Reads a word; `nil` if it stands for no value.
    init?(argument: String)
    /// The word that stands for the value.
    var argumentText: String { get }
    /// All words that stand for a value, where there are few; otherwise none.
    static var argumentChoices: [String] { get }
    /// What a word has to be, such as `a whole number`, for the message when it is not.
    static var argumentForm: String? { get }
    /// What a shell offers.
    static var argumentCompletion: ArgumentCompletion { get }
}

extension ExpressibleByArgument {
    package var argumentText: String { String(describing: self) }
    package static var argumentChoices: [String] { [] }
    package static var argumentForm: String? { nil }
    package static var argumentCompletion: ArgumentCompletion {
        argumentChoices.isEmpty ? .nothing : .words(argumentChoices)
    }
}

extension ExpressibleByArgument where Self: LosslessStringConvertible {
    package init?(argument: String) { self.init(argument) }
}

extension ExpressibleByArgument where Self: FixedWidthInteger {
    package static var argumentForm: String? { isSigned ? "a whole number" : "a whole number that is not negative" }
}

extension ExpressibleByArgument where Self: RawRepresentable & CaseIterable, RawValue == String {
    package init?(argument: String) { self.init(rawValue: argument) }
    package var argumentText: String { rawValue }
    package static var argumentChoices: [String] { allCases.map(\.rawValue) }
}

extension String: ExpressibleByArgument {}
extension Int: ExpressibleByArgument {}
extension Int64: ExpressibleByArgument {}
extension UInt64: ExpressibleByArgument {}
