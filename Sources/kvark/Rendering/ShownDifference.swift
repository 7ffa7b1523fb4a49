import KVTransfer

/// A difference as it is printed: a line for a person, or an object for a program.
struct ShownDifference: Encodable {
    /// How a side's record is beside the other's.
    enum Change: String, Encodable {
        case onlyInA = "only-in-a"
        case onlyInB = "only-in-b"
        case changed
        case same
    }

    let key: String
    let change: Change
    /// What is another in both: `value`, `metadata`, `expiration`.
    let aspects: [String]

    init(_ difference: Difference) {
        key = difference.key.string
        aspects = difference.aspects
        switch difference {
        case .onlyInFirst: change = .onlyInA
        case .onlyInSecond: change = .onlyInB
        case .same: change = .same
        case .changed: change = .changed
        }
    }

    /// The line for a person.
    var line: String {
        let key = KVKey(key)
        switch change {
        case .onlyInA: return "- \(key)"
        case .onlyInB: return "+ \(key)"
        case .same: return "= \(key)"
        case .changed: return "* \(key) (\(aspects.joined(separator: ", ")))"
        }
    }

    /// What has changed, a line for each side of each aspect.
    func details(_ difference: Difference) -> [String] {
        switch difference {
        case .onlyInFirst(let line): ["    - \(Self.value(line))"]
        case .onlyInSecond(let line): ["    + \(Self.value(line))"]
        case .same: []
        case .changed(let first, let second):
            aspects.flatMap { ["    - \(Self.text(of: $0, first))", "    + \(Self.text(of: $0, second))"] }
        }
    }

    private static let charactersMaximum = 200

    private static func text(of aspect: String, _ line: RecordLine) -> String {
        switch aspect {
        case "metadata": "metadata \(line.metadata.map { shortened($0.text) } ?? "none")"
        case "expiration": "expiration \(line.expiration.map { UTCTime.text($0) } ?? "none")"
        default: value(line)
        }
    }

    private static func value(_ line: RecordLine) -> String {
        let bytes = line.record.value
        if line.isBase64 { return "value of \(Amounts.bytes(bytes.count)), not text" }
        let bytesMaximum = charactersMaximum * 4
        var beginning = bytes.prefix(bytesMaximum)
        // No character is cut in two.
        while beginning.count < bytes.count, bytes[beginning.count] & 0xC0 == 0x80 { beginning.removeLast() }
        let text = shortened(String(decoding: beginning, as: UTF8.self), isCut: beginning.count < bytes.count)
        return "value of \(Amounts.bytes(bytes.count)): \(text)"
    }

    private static func shortened(_ text: String, isCut: Bool = false) -> String {
        let beginning = String(text.prefix(charactersMaximum))
        return VisibleText.escaped(beginning) + (isCut || beginning.count < text.count ? "…" : "")
    }
}
