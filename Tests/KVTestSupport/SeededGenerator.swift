import Foundation
import Testing

/// A random number generator that gives the same numbers for the same seed on every machine (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence of a seed.
    package init(seed: UInt64) { state = seed }

    /// The next number of the sequence.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SeededGenerator {
    /// Whether an event of a given chance happens.
    package mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    /// One of some things; the collection must not be empty.
    package mutating func pick<C: RandomAccessCollection>(_ choices: C) -> C.Element {
        choices[choices.index(choices.startIndex, offsetBy: Int.random(in: 0..<choices.count, using: &self))]
    }

    /// Some bytes of any kind.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: next().littleEndian) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }
}

/// A seed as the argument of a test, so that the name of a failed case says how to repeat it.
///
///     @Test(arguments: Seed.several(5)) func `a rule`(seed: Seed) {
///         var generator = seed.generator
///     }
///
/// `KVARK_TEST_SEED=12345` in the environment runs each such test with that seed alone.
package struct Seed: Hashable, Sendable, CustomTestStringConvertible {
    /// The number.
    package let value: UInt64

    /// Wraps a number.
    package init(_ value: UInt64) { self.value = value }

    /// A generator at the start of this seed's sequence.
    package var generator: SeededGenerator { SeededGenerator(seed: value) }

    /// What a failure prints.
    package var testDescription: String { "KVARK_TEST_SEED=\(value)" }

    /// The seeds 1, 2, 3 …, or the one that the environment names.
    package static func several(_ count: Int) -> [Seed] {
        if let named = ProcessInfo.processInfo.environment["KVARK_TEST_SEED"].flatMap(UInt64.init) {
            return [Seed(named)]
        }
        return (0..<count).map { Seed(UInt64($0) + 1) }
    }
}
