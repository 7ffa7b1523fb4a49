import KVModel

/// Whole lines of one data frame, decompressed and read: all of them, or as many as came out of a large frame at a time.
struct FramePiece: Sendable {
    /// Why the rest of a frame cannot be read; where it stands, the reader of the part knows.
    struct Fault: Error {
        var code: ArchiveError.Code
        var message: String
        var cause: RecordLine.Fault?
    }

    /// What of the records is wanted.
    enum Wish: Sendable {
        /// The records themselves.
        case records
        /// Only that they are sound, and their sums.
        case totals
    }

    /// The lines, each with its line feed, up to the first fault; dropped where the records are wanted.
    var raw: [UInt8]
    /// The records, a batch at a time, if they are wanted.
    private(set) var batches: [[RecordLine]] = []
    /// The key of the first record.
    private(set) var firstKey: KVKey?
    /// The key of the last record.
    private(set) var lastKey: KVKey?
    /// The sums over the records.
    private(set) var totals = ArchiveTotals()
    /// What is wrong with what follows.
    private(set) var fault: Fault?

    private static let batchLines = 1000
    private static let batchBytes = 512 << 10

    /// Nothing, for a reason.
    init(fault: Fault) {
        raw = []
        self.fault = fault
    }

    /// Reads lines: canonical, in ascending order.
    init(reading lines: [UInt8], _ wish: Wish) {
        raw = lines
        let sound = lines.withUnsafeBytes { buffer in
            var walk = Walk(buffer, wish)
            walk.readAll()
            firstKey = walk.firstKey
            lastKey = walk.lastKey?.key(in: buffer)
            totals = walk.totals
            batches = walk.batches
            fault = walk.fault
            return walk.position
        }
        if sound < raw.count { raw.removeLast(raw.count - sound) }
    }

    /// A walk over lines.
    private struct Walk {
        let bytes: UnsafeRawBufferPointer
        let wish: Wish
        var position = 0
        var firstKey: KVKey?
        var lastKey: KeyPlace?
        var totals = ArchiveTotals()
        var batches: [[RecordLine]] = []
        var fault: Fault?
        private var batch: [RecordLine] = []
        private var batchBytes = 0

        init(_ bytes: UnsafeRawBufferPointer, _ wish: Wish) {
            self.bytes = bytes
            self.wish = wish
        }

        mutating func readAll() {
            do throws(Fault) {
                while position < bytes.count { try readLine() }
            } catch {
                fault = error
            }
            if !batch.isEmpty { batches.append(batch) }
        }

        private mutating func readLine() throws(Fault) {
            if let outline = RecordOutline(bytes, from: position) {
                try advance(to: KeyPlace(outline, in: bytes))
                totals.count(outline, lineBytes: outline.end - position)
                if wish == .records { add(RecordLine(outline, in: bytes, from: position)) }
                position = outline.end + 1
            } else {
                let line = try parseLine()
                try advance(to: KeyPlace.copied(line.key))
                totals.count(line)
                if wish == .records { add(line) }
                position += line.text.count + 1
            }
        }

        /// Reads a line that takes a closer look, which is mostly one with a fault.
        private func parseLine() throws(Fault) -> RecordLine {
            guard let end = bytes[position...].firstIndex(of: 0x0A) else {
                throw Fault(code: .malformedFrame, message: "the frame ends inside a line")
            }
            do throws(RecordLine.Fault) {
                return try RecordLine(parsing: Array(bytes[position..<end]))
            } catch {
                throw Fault(code: .malformedRecord, message: "the record is malformed", cause: error)
            }
        }

        private mutating func advance(to key: KeyPlace) throws(Fault) {
            if let lastKey, !key.comes(after: lastKey, in: bytes) {
                let keys = (key.key(in: bytes), lastKey.key(in: bytes))
                throw Fault(code: .outOfOrder, message: "\(keys.0) stands after \(keys.1)")
            }
            if lastKey == nil { firstKey = key.key(in: bytes) }
            lastKey = key
        }

        private mutating func add(_ line: RecordLine) {
            batch.append(line)
            batchBytes += line.text.count
            guard batch.count >= FramePiece.batchLines || batchBytes >= FramePiece.batchBytes else { return }
            batches.append(batch)
            (batch, batchBytes) = ([], 0)
        }
    }
}
