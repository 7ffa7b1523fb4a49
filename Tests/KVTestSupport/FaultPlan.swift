/// Which requests meet which faults.
package struct FaultPlan: Sendable {
    private enum Rule: Sendable {
        case random([Fault], chance: Double)
        case scripted(@Sendable (ScriptedServer.Request, Int) -> Fault?)
    }

    /// What the details of faults come from, such as the length of a delay.
    let seed: UInt64
    private let rule: Rule

    /// However high the chances, this share of requests passes untouched, so that a client that tries again gets ahead.
    private static let mostFaults = 0.6

    /// Lets every request pass.
    package static let none = FaultPlan.random([], chance: 0, seed: 0)

    /// Chooses by lot, in the order in which requests arrive.
    ///
    /// - Parameters:
    ///   - faults: What may happen; at most one of them to each request.
    ///   - chance: How likely each fault is for a request that it fits. The chances of several faults add up, to 0.6
    ///     at most.
    ///   - seed: The same seed makes the same choices for the same sequence of requests.
    /// - Returns: The plan.
    package static func random(_ faults: [Fault], chance: Double, seed: UInt64) -> FaultPlan {
        FaultPlan(seed: seed, rule: .random(faults, chance: chance))
    }

    /// Leaves the choice to the test.
    ///
    /// - Parameter decide: Gives the fault of a request; its second argument counts requests from 0. It is asked before
    ///   the whole request has arrived: it sees only the beginning of a body of more than 64 KiB.
    /// - Returns: The plan.
    package static func scripted(
        _ decide: @escaping @Sendable (_ request: ScriptedServer.Request, _ index: Int) -> Fault?
    ) -> FaultPlan {
        FaultPlan(seed: 0, rule: .scripted(decide))
    }

    /// Chooses the fault of a request.
    ///
    /// - Parameters:
    ///   - fitting: The faults that make sense for the request.
    ///   - request: The request.
    ///   - index: How many requests came before.
    ///   - lot: A random number from 0 up to 1.
    /// - Returns: The fault, if there is to be one.
    func choose(from fitting: Set<Fault>, for request: ScriptedServer.Request, index: Int, lot: Double) -> Fault? {
        switch rule {
        case .scripted(let decide):
            return decide(request, index).flatMap { fitting.contains($0) ? $0 : nil }
        case .random(let faults, let chance):
            let candidates = faults.filter(fitting.contains)
            let share = min(chance, Self.mostFaults / Double(candidates.count))
            guard lot < share * Double(candidates.count) else { return nil }
            return candidates[min(Int(lot / share), candidates.count - 1)]
        }
    }
}
