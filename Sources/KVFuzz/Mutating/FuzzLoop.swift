/// Tries one damaged input after the other and keeps those to go on from that had an outcome not seen before.
///
/// The same target, seeds and number give the same inputs.
package struct FuzzLoop {
    /// The most inputs that are kept beside the seeds.
    private static let keptMaximum = 20_000

    private let target: any FuzzTarget
    private var mutator: Mutator
    private var corpus: [[UInt8]]
    private let seeds: Int
    private var seen: Set<String> = []
    private var distinct: Set<String> = []

    /// The inputs that were tried.
    package private(set) var inputs = 0
    /// How many different outcomes there were.
    package var outcomes: Int { distinct.count }
    /// How many inputs were kept.
    package var kept: Int { corpus.count - seeds }
    /// The outcomes themselves.
    package var outcomeNames: [String] { distinct.sorted() }

    /// Starts with some seeds; without any, with the empty input.
    package init(_ target: any FuzzTarget, seeds: [[UInt8]], seed: UInt64) {
        self.target = target
        mutator = Mutator(tokens: target.tokens, generator: FuzzGenerator(seed: seed))
        corpus = seeds.isEmpty ? [[]] : seeds
        self.seeds = corpus.count
    }

    /// Tries one input: first the seeds as they are, then damaged ones.
    ///
    /// - Parameter willRun: Hears of the input before anything can go wrong with it.
    /// - Throws: A ``Violation``.
    package mutating func step(_ willRun: ([UInt8]) -> Void = { _ in }) async throws {
        let input = inputs < seeds ? corpus[inputs] : nextInput()
        willRun(input)
        inputs += 1
        let outcome = try await FuzzLoop.check(target, input)
        distinct.insert(outcome)
        // Of the inputs with one outcome, one of each class of lengths is kept.
        guard seen.insert("\(outcome) \(Int.bitWidth - input.count.leadingZeroBitCount)").inserted else { return }
        if inputs > seeds, kept < Self.keptMaximum { corpus.append(input) }
    }

    /// Feeds an input to a target; whatever is thrown comes out as a ``Violation``.
    package static func check(_ target: any FuzzTarget, _ input: [UInt8]) async throws -> String {
        do {
            return try await target.run(input)
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation("an error that nobody expects: \(error)")
        }
    }

    private mutating func nextInput() -> [UInt8] {
        let (one, other) = (pick(), pick())
        return mutator.damaged(one, with: other)
    }

    /// The shorter of two inputs: it takes less time, and damage is likelier to hit what matters in it.
    private mutating func pick() -> [UInt8] {
        let one = corpus[mutator.generator.below(corpus.count)]
        let other = corpus[mutator.generator.below(corpus.count)]
        return one.count <= other.count ? one : other
    }
}
