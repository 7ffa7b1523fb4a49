/// Addresses that do not leave this machine.
enum Loopback {
    /// Whether a host, by name or by number, is this machine.
    static func contains(_ host: String) -> Bool {
        let name = host.lowercased().trimmingPrefix("[").split(separator: "]").first.map(String.init) ?? ""
        // No other machine may have these names (RFC 6761).
        if name == "localhost" || name.hasSuffix(".localhost") || name == "::1" { return true }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers.allSatisfy { $0 != nil } && numbers[0] == 127
    }
}
