/// The list of a namespace's keys, page by page: each key once and in order, with the cursor of its page.
///
/// Survives what lists do: empty pages, short ones, pages that overlap or come twice, cursors that are not valid any more
/// (the list is begun again and skipped to where it was). Only a missing cursor ends it. A list that is not in order is an
/// error: an archive must be, and a restart could not tell what it has already seen.
struct ListPages: Sendable {
    /// A listed key with the cursor of its page.
    struct Entry: Sendable {
        var listed: ListedKey
        var pageCursor: String?
    }

    /// What one page has added.
    struct Page: Sendable {
        var entries: [Entry] = []
        /// What came up on the way, without the keys themselves.
        var counts = ReadTally.Counts()
    }

    /// So many pages without a new key and without a new cursor, and a list does not end.
    private static let idlePagesMaximum = 8
    /// So many pages in a row without a new key, whatever their cursors: more than ten million keys that have gone.
    private static let emptyPagesMaximum = 20_000
    /// So many times in a row a list is begun again without reaching a new key.
    private static let restartsMaximum = 4

    private let client: KVClient
    private let namespace: NamespaceID
    private let prefix: KVKey

    private var cursor: String?
    private var isAtEnd = false
    private var last: KVKey?
    /// Keys up to here were dealt with before: in an earlier run, or before the list was begun again.
    private var skippedThrough: KVKey?
    /// The keys of the last pages, among which a page that overlaps has its doubles.
    private var recentKeys: [Set<KVKey>] = []
    private var cursorsSinceProgress: Set<String> = []
    private var idlePages = 0
    private var emptyPages = 0
    private var restartsSinceProgress = 0
    /// Whether the cursor is one of an earlier run, which the server may have forgotten.
    private var isCursorInherited: Bool
    /// What was counted since the last page.
    private var counts = ReadTally.Counts()

    /// The list from a position on; without one, from its start.
    init(_ client: KVClient, _ namespace: NamespaceID, prefix: KVKey, after position: ListPosition = ListPosition()) {
        self.client = client
        self.namespace = namespace
        self.prefix = prefix
        cursor = position.cursor
        last = position.lastKey
        skippedThrough = position.lastKey
        isCursorInherited = position.cursor != nil
    }

    /// The next page, which may be without keys; `nil` after the last.
    mutating func next() async throws -> Page? {
        if isAtEnd { return nil }
        let entries = try await fetchPage()
        defer { counts = ReadTally.Counts() }
        return Page(entries: entries, counts: counts)
    }

    private mutating func fetchPage() async throws -> [Entry] {
        let asked = cursor
        let page: KeyPage
        do {
            page = try await client.keyPage(in: namespace, prefix: prefix, cursor: asked)
        } catch let error as KVError where asked != nil && Self.isDeadCursor(error) {
            guard restartsSinceProgress < Self.restartsMaximum else { throw error }
            restart()
            return []
        }
        defer { isCursorInherited = false }
        if isCursorInherited, page.keys.isEmpty, page.cursor == nil {
            // The page had keys when the cursor was noted: rather a server that lost the cursor than one that lost them all.
            restart()
            return []
        }
        let fresh = try newKeys(of: page.keys)
        if fresh.isEmpty {
            try noteIdlePage(page)
        } else {
            cursorsSinceProgress = []
            idlePages = 0
            emptyPages = 0
            restartsSinceProgress = 0
        }
        cursor = page.cursor
        isAtEnd = page.cursor == nil
        return fresh.map { Entry(listed: $0, pageCursor: asked) }
    }

    /// The documented code is believed, and so is any refusal, because how servers say it is not documented; whatever it
    /// was, the list without a cursor shows it.
    private static func isDeadCursor(_ error: KVError) -> Bool {
        [.invalidCursor, .refused, .keyNotFound, .routeNotFound, .serverFailed].contains(error.code)
    }

    private mutating func restart() {
        cursor = nil
        skippedThrough = last
        recentKeys = []
        cursorsSinceProgress = []
        restartsSinceProgress += 1
        counts.listsRestarted += 1
    }

    /// Pages without new keys are normal as long as their cursors lead on.
    private mutating func noteIdlePage(_ page: KeyPage) throws(KVError) {
        emptyPages += 1
        guard emptyPages < Self.emptyPagesMaximum else {
            throw KVError(
                .malformedAnswer, "the list of keys does not end: \(emptyPages) pages in a row gave no new key")
        }
        guard let next = page.cursor, !cursorsSinceProgress.insert(next).inserted || next == cursor else { return }
        idlePages += 1
        guard idlePages < Self.idlePagesMaximum else {
            throw KVError(
                .malformedAnswer,
                "the list of keys does not advance: \(idlePages) pages gave no new key and a cursor they had given before"
            )
        }
    }

    /// The keys of a page that were not seen yet.
    private mutating func newKeys(of keys: [ListedKey]) throws(KVError) -> [ListedKey] {
        var fresh: [ListedKey] = []
        fresh.reserveCapacity(keys.count)
        var previous: KVKey?
        for listed in keys {
            try check(listed.key, after: previous)
            previous = listed.key
            if let last, listed.key <= last {
                try noteSeen(listed.key, last)
            } else {
                last = listed.key
                fresh.append(listed)
            }
        }
        if !keys.isEmpty { recentKeys = recentKeys.suffix(1) + [Set(keys.map(\.key))] }
        return fresh
    }

    private func check(_ key: KVKey, after previous: KVKey?) throws(KVError) {
        if let previous, key < previous {
            throw KVError(.malformedAnswer, "the list of keys is not in order: \(key) comes after \(previous)")
        }
        guard key.hasPrefix(prefix) else {
            throw KVError(.malformedAnswer, "the list holds \(key), which does not start with \(prefix)")
        }
    }

    private mutating func noteSeen(_ key: KVKey, _ last: KVKey) throws(KVError) {
        if let skippedThrough, key <= skippedThrough { return }
        guard key == last || recentKeys.contains(where: { $0.contains(key) }) else {
            throw KVError(.malformedAnswer, "the list of keys is not in order: \(key) comes after \(last)")
        }
        counts.keysDoubled += 1
    }
}
