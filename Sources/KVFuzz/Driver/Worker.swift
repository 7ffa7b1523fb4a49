import Glibc

/// The process that feeds the parsers: it may trap, hang or take too much memory, and another one watches it.
struct Worker {
    /// How a worker ends that has found a violation.
    static let violationStatus: Int32 = 86

    let target: any FuzzTarget
    let seeds: [[UInt8]]
    let seed: UInt64
    let seconds: Int
    let memoryLimit: Int
    let slot: InputSlot

    /// Tries inputs until the time is over.
    ///
    /// - Throws: A ``Violation``, with the input in the slot.
    func run() async throws {
        // Both sides have it open: so nothing stays behind, whoever is killed.
        slot.remove()
        var loop = FuzzLoop(target, seeds: seeds, seed: seed)
        let parent = getppid()
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            try await loop.step { input in
                slot.input = input
                slot.inputs += 1
            }
            slot.outcomes = loop.outcomes
            slot.kept = loop.kept
            // The most it ever was, so that the input that took too much is the one in the slot.
            let bytes = Self.mostMemory()
            try require(bytes <= memoryLimit, "the process has taken \(bytes >> 20) MiB of memory")
            // Nobody watches any more.
            if getppid() != parent { return }
        }
    }

    private static func mostMemory() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }
}
