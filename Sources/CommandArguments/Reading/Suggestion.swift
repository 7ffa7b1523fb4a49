/// What somebody who wrote an unknown word may have meant.
enum Suggestion {
    /// `; did you mean '--prefix'?`, or nothing if no known word is near.
    static func hint(for word: String, among known: [String]) -> String {
        closest(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The words that are right, in a sentence: `keep, strip or shift`.
    static func alternatives(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.joined() }
        return "\(words.dropLast().joined(separator: ", ")) or \(last)"
    }

    /// The known word that is nearest.
    ///
    /// That is the shortest that begins with the word, else the one with the fewest differences if they are few, else the
    /// first that contains it. Dashes at the beginning and the case of letters do not count, and a single letter is near
    /// to nothing.
    static func closest(to word: String, among known: [String]) -> String? {
        let bare = bare(word)
        guard bare.count > 1, bare.count <= longest else { return nil }
        let known = known.filter { Self.bare($0).count > 1 }
        if let whole = known.filter({ Self.bare($0).hasPrefix(bare) }).min(by: { $0.count < $1.count }) { return whole }
        let scored = known.map { ($0, distance(bare, Self.bare($0))) }
        if let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, bare.count / 3) { return best.0 }
        return bare.count > 2 ? known.first { $0.contains(bare) } : nil
    }

    /// A longer word is no slip of the fingers.
    private static let longest = 50

    private static func bare(_ word: String) -> String { String(word.drop { $0 == "-" }).lowercased() }

    /// How many letters have to be added, left out, changed or swapped with their neighbour.
    static func distance(_ one: String, _ other: String) -> Int {
        let (a, b) = (Array(one), Array(other))
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
