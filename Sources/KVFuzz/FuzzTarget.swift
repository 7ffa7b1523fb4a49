/// A parser that is fed with damaged inputs, and what must be true of its answers.
package protocol FuzzTarget: Sendable {
    /// What the command line and the folder of its seeds call it.
    var name: String { get }
    /// Pieces of inputs that chance would not find.
    var tokens: [String] { get }
    /// How many damaged inputs a test tries, which is a second or two of work.
    var testInputs: Int { get }

    /// Feeds an input to the parser.
    ///
    /// - Parameter input: Any bytes.
    /// - Returns: What came of it, in words without numbers or names: inputs with new outcomes are damaged further.
    /// - Throws: A ``Violation`` if an answer is not what it must be. Any other error is none of those that the parser may
    ///   throw, and a violation as well.
    func run(_ input: [UInt8]) async throws -> String
}

extension FuzzTarget {
    /// Enough for a parser that takes some microseconds.
    package var testInputs: Int { 20_000 }
}

/// Something that must be true of a parser and is not.
package struct Violation: Error, CustomStringConvertible {
    /// What was found instead.
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Throws a ``Violation`` unless a condition is true.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw Violation(message()) }
}

/// The value, or a ``Violation`` if there is none.
func require<Value>(_ value: Value?, _ message: @autoclosure () -> String) throws -> Value {
    guard let value else { throw Violation(message()) }
    return value
}

/// All parsers that are fuzzed.
package enum FuzzTargets {
    /// The targets in the order in which they run.
    package static let all: [any FuzzTarget] = [
        JSONTarget(), RecordTarget(), ManifestTarget(), PartListTarget(), PartTarget(), LinesTarget(), IndexTarget(),
        MultipartTarget(), RequestTargetTarget(), BulkTarget(), AnswersTarget(), HeadersTarget(),
    ]

    /// The target of a name, those included that are wrong on purpose.
    package static func named(_ name: String) -> (any FuzzTarget)? {
        (all + FaultyTarget.Fault.allCases.map { FaultyTarget(fault: $0) }).first { $0.name == name }
    }
}
