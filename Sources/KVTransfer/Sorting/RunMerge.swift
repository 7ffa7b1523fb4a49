/// Several sorted runs as one.
struct RunMerge {
    private var readers: [SortRunReader]

    init(_ runs: [SortRun]) throws { readers = try runs.map { try SortRunReader($0) } }

    /// A record, and the run it is in.
    struct Item {
        fileprivate var reader: Int
        var head: SortRunReader.Head
    }

    /// The record that comes next; the merge moves past it.
    mutating func next() throws -> Item? {
        guard let item = peek() else { return nil }
        try readers[item.reader].advance()
        return item
    }

    /// The record that comes next.
    func peek() -> Item? {
        var smallest: Item?
        for (index, reader) in readers.enumerated() {
            guard let head = reader.head else { continue }
            if let other = smallest, !Self.isOrdered(head, other.head) { continue }
            smallest = Item(reader: index, head: head)
        }
        return smallest
    }

    /// The text of a record that was handed out.
    mutating func text(of item: Item) throws -> [UInt8] { try readers[item.reader].text(of: item.head) }

    private static func isOrdered(_ one: SortRunReader.Head, _ other: SortRunReader.Head) -> Bool {
        one.key == other.key ? one.position < other.position : one.key < other.key
    }
}
