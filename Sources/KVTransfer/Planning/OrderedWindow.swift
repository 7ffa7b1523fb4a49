/// Transforms a sequence of inputs several at a time and consumes the outputs in the order of the inputs.
///
/// At most `width` inputs are being transformed or wait for their turn, so memory is bounded and a slow consumer slows
/// the inputs. `next` and `consume` run in the caller's task, never at the same time.
///
/// - Parameters:
///   - width: How many inputs are in flight at the most, asked again before each; it gets the outputs consumed so far.
///   - next: Gives the next input, `nil` at the end.
///   - transform: The work.
///   - consume: Takes the outputs, in order.
/// - Throws: The first error of any of the three; the rest is cancelled.
func forEachInOrder<Input: Sendable, Output: Sendable>(
    width: (_ consumed: Int) -> Int,
    next: () async throws -> Input?,
    transform: @Sendable @escaping (Input) async throws -> Output,
    consume: (Output) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: (index: Int, output: Output).self) { group in
        var started = 0
        var consumed = 0
        var isAtEnd = false
        var waiting: [Int: Output] = [:]
        while true {
            while !isAtEnd, started - consumed < max(1, width(consumed)) {
                guard let input = try await next() else {
                    isAtEnd = true
                    break
                }
                let index = started
                started += 1
                group.addTask { (index, try await transform(input)) }
            }
            if let output = waiting.removeValue(forKey: consumed) {
                consumed += 1
                try await consume(output)
            } else if let finished = try await group.next() {
                waiting[finished.index] = finished.output
            } else {
                return
            }
        }
    }
}
