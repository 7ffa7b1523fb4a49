/// A random number generator that gives the same numbers for the same seed on every machine (SplitMix64).
struct FuzzGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below a limit, or 0 if there is none.
    mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(next() % UInt64(limit)) : 0 }

    /// A range of some length within a count; small lengths are likelier than large ones.
    mutating func range(within count: Int) -> Range<Int> {
        let start = below(count + 1)
        let longest = min(count - start, 1 << below(10))
        return start..<start + below(longest + 1)
    }
}
