/// The body of a request, kept up to a limit.
package struct ReceivedBody: Sendable {
    /// The bytes, none of them if there were too many.
    package internal(set) var bytes: [UInt8] = []
    /// How many bytes came.
    package internal(set) var received = 0
    /// Whether there were more bytes than the limit.
    package internal(set) var isTooLarge = false

    /// Takes a piece.
    mutating func append(_ piece: UnsafeRawBufferPointer, limit: Int) {
        received += piece.count
        if received <= limit {
            bytes.append(contentsOf: piece)
        } else {
            isTooLarge = true
            bytes = []
        }
    }
}
