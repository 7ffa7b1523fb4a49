import KVTransfer

/// What a client does, in lines on standard error: when, how much it matters, what has happened, and the facts.
struct StandardErrorLog: ClientLog {
    /// The least that a line has to matter.
    let level: ClientLogLevel

    func write(_ level: ClientLogLevel, _ message: StaticString, _ members: [(name: String, value: String)]) {
        guard level >= self.level else { return }
        let facts = members.map { " \($0.name)=\(VisibleText.escaped($0.value))" }.joined()
        StandardError.line("\(UTCTime.text(UnixTime.now())) \(level.rawValue): \(message)\(facts)")
    }
}
