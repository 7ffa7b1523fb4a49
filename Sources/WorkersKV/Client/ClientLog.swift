/// Where a client writes what it does.
///
///     struct Lines: ClientLog {
///         func write(_ level: ClientLogLevel, _ message: StaticString, _ members: [(name: String, value: String)]) {
///             print(level, message, members.map { "\($0.name)=\($0.value)" }.joined(separator: " "))
///         }
///     }
public protocol ClientLog: Sendable {
    /// Writes a line, or not, as its level deserves; called from several tasks at once.
    ///
    /// - Parameters:
    ///   - level: How much it matters.
    ///   - message: What has happened, always in the same words.
    ///   - members: The facts of this one case, without secrets.
    func write(_ level: ClientLogLevel, _ message: StaticString, _ members: [(name: String, value: String)])
}

/// How much a line of a log matters.
public enum ClientLogLevel: String, Sendable, CaseIterable, Comparable {
    /// Of use only to somebody who follows each step.
    case trace
    /// Of use to somebody who looks for the cause of something.
    case debug

    /// Orders the levels from the least important.
    public static func < (left: Self, right: Self) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
}
