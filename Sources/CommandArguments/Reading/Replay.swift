import Synchronization

/// What a command line gives, for the properties of a command that is made with it.
///
/// A command is made twice. The first time each property says what it declares. The second time, while a replay is the
/// current one, each takes what was given for it: Swift initialises properties in the order of their declaration, so the
/// values only have to come in that order. No property is written to afterwards, and commands stay plain values.
final class Replay: Sendable {
    @TaskLocal static var current: Replay?

    private let given: [[any Sendable]]
    private let taken = Mutex(0)

    private init(_ given: [[any Sendable]]) { self.given = given }

    /// What was given for the next declaration, and which one that is.
    func next() -> (position: Int, given: [any Sendable]) {
        let position = taken.withLock { taken in
            defer { taken += 1 }
            return taken
        }
        precondition(position < given.count, "a command has more properties the second time it is made")
        return (position, given[position])
    }

    /// Makes a command with what was given for each of its declarations.
    static func make(_ type: any ParsableCommand.Type, _ given: [[any Sendable]]) -> any ParsableCommand {
        let command = $current.withValue(Replay(given)) { type.init() }
        precondition(
            positions(in: command) == Array(given.indices), "\(type) initialises its properties in another order")
        return command
    }

    /// Whether a command initialises its properties in the order of their declaration.
    static func isOrdered(_ type: any ParsableCommand.Type, declarations count: Int) -> Bool {
        let nothing = [[any Sendable]](repeating: [], count: count)
        return positions(in: $current.withValue(Replay(nothing)) { type.init() }) == Array(0..<count)
    }

    private static func positions(in arguments: any ParsableArguments) -> [Int] {
        Mirror(reflecting: arguments).children.flatMap { child -> [Int] in
            switch child.value {
            case let property as any DeclaringProperty: property.origin.position.map { [$0] } ?? []
            case let group as any DeclaringGroup: positions(in: group.content)
            default: []
            }
        }
    }

    /// Has the groups of a command check themselves, and then the command.
    static func validate(_ arguments: any ParsableArguments) throws {
        for case let group as any DeclaringGroup in Mirror(reflecting: arguments).children.map(\.value) {
            try validate(group.content)
        }
        try arguments.validate()
    }
}
