/// Hands over lines in key order, one by one.
protocol LineCursor {
    /// The line the cursor stands on, or `nil` at the end.
    mutating func peek() async throws -> RecordLine?

    /// The line the cursor stands on; moves on to the next.
    mutating func next() async throws -> RecordLine?
}

extension RecordCursor: LineCursor {}
