import Glibc

/// A target that does what must not happen, because a driver that finds nothing has to be seen finding something.
struct FaultyTarget: FuzzTarget {
    enum Fault: String, CaseIterable {
        case trap, hang, memory, violation
    }

    let fault: Fault
    var name: String { "faulty-\(fault.rawValue)" }
    let tokens = ["bad"]

    func run(_ input: [UInt8]) async throws -> String {
        guard input.starts(with: "bad".utf8) else { return "good" }
        switch fault {
        case .trap: preconditionFailure("a trap on purpose")
        case .hang: while true { sleep(1) }
        case .memory: return [UInt8](repeating: 1, count: 512 << 20).last == 1 ? "large" : "small"
        case .violation: throw Violation("a violation on purpose")
        }
    }
}
