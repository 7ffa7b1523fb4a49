import Crypto
import KVModel
import KVVault

/// Turns the file of a part into record lines and checks all that the archive says about it.
///
/// Pulled: nothing is read before a batch is asked for.
final class PartDecoder {
    private static let chunkBytes = 256 << 10
    private static let batchLines = 1000
    private static let batchBytes = 512 << 10

    private let part: PartSummary
    private let reader: any VaultReader
    private let decompressor: ZstdDecompressor
    /// Whether only one frame of a part is read, whose last key and SHA-256 are not known.
    private let isSingleFrame: Bool
    private let firstFrame: Int

    private var hash = SHA256()
    private var input: [UInt8] = []
    private var inputOffset = 0
    private var bytesRead = 0
    private var state = State.betweenFrames

    /// The data frames begun so far.
    private(set) var frames = 0
    private var lines = LineCutter()
    private var rawBytes = 0
    private var records = 0
    private var lastKey: KVKey?
    private var rawBytesBeforeFrame = 0

    /// Whether to remember where the data frames stand and what is in them.
    var observesFrames = false
    /// The data frames read to their end, if they are to be remembered.
    private(set) var observedFrames: [PartIndex.Location] = []
    private var frameOffset = 0
    private var frameBytes = 0
    private var frameFirstKey: KVKey?
    private var recordsBeforeFrame = 0

    private enum State {
        case betweenFrames
        case inFrame
        case skipping(bytes: Int)
        case finished
    }

    init(part: PartSummary, reader: any VaultReader) throws(ArchiveError) {
        self.part = part
        self.reader = reader
        isSingleFrame = false
        firstFrame = 0
        decompressor = try ZstdDecompressor()
    }

    /// Reads one data frame as if it were a part of its own.
    init(
        frame: Int, at location: PartIndex.Location, of part: PartSummary, reader: any VaultReader
    ) throws(ArchiveError) {
        self.part = PartSummary(
            name: part.name, records: location.records, firstKey: location.firstKey, lastKey: part.lastKey,
            rawBytes: location.rawBytes, bytes: location.bytes, sha256: "", frames: 1)
        self.reader = reader
        isSingleFrame = true
        firstFrame = frame
        decompressor = try ZstdDecompressor()
    }

    /// The next records.
    ///
    /// - Returns: At least one record, or `nil` when the part is at its end and all of it is proven.
    func nextBatch() async throws -> [RecordLine]? {
        var batch: [RecordLine] = []
        var batchBytes = 0
        while batch.count < Self.batchLines, batchBytes < Self.batchBytes {
            if let line = lines.next() {
                try batch.append(record(line))
                batchBytes += line.count
            } else if case .finished = state {
                break
            } else {
                try await advance()
            }
        }
        return batch.isEmpty ? nil : batch
    }

    /// Which frame is being read, and between which keys; for errors.
    private func located(_ code: ArchiveError.Code, _ message: String, cause: (any Error)? = nil) -> ArchiveError {
        ArchiveError(
            code, message, file: part.name, frame: frames > 0 ? firstFrame + frames - 1 : nil,
            keys: KeyRange(after: lastKey, through: part.lastKey), cause: cause)
    }

    // MARK: Records

    private func record(_ text: [UInt8]) throws(ArchiveError) -> RecordLine {
        let line: RecordLine
        do throws(RecordLine.Fault) {
            line = try RecordLine(parsing: text)
        } catch {
            throw located(.malformedRecord, "record \(records) of the part is malformed", cause: error)
        }
        if let lastKey, line.key <= lastKey {
            throw located(.outOfOrder, "\(line.key) stands after \(lastKey)")
        }
        if records == 0, line.key != part.firstKey {
            throw located(.contradiction, "the first key is \(line.key) instead of \(part.firstKey)")
        }
        guard records < part.records else {
            throw located(.contradiction, "there are more than \(part.records) records")
        }
        records += 1
        lastKey = line.key
        if frameFirstKey == nil { frameFirstKey = line.key }
        return line
    }

    // MARK: Frames

    private func advance() async throws {
        switch state {
        case .betweenFrames: try await beginFrame()
        case .inFrame: try await decompress()
        case .skipping(let bytes): try await skip(bytes)
        case .finished: break
        }
    }

    /// Where the reader stands in the file.
    private var offset: Int { bytesRead - input.count + inputOffset }

    /// All lines of the frames before have been taken when this is called.
    private func beginFrame() async throws {
        observeFrame()
        guard try await fill(atLeast: FrameStart.byteCount) > 0 else { return try finish() }
        switch FrameStart(input[inputOffset...]) {
        case .zstd:
            frames += 1
            frameOffset = offset
            frameFirstKey = nil
            recordsBeforeFrame = records
            rawBytesBeforeFrame = rawBytes
            guard frames <= part.frames else {
                throw located(.contradiction, "there are more than \(part.frames) frames")
            }
            state = .inFrame
        case .skippable(let contentBytes):
            inputOffset += FrameStart.byteCount
            state = .skipping(bytes: contentBytes)
        case nil:
            throw located(.malformedFrame, "what follows at byte \(offset) is no frame")
        }
    }

    private func skip(_ bytes: Int) async throws {
        if bytes == 0 {
            state = .betweenFrames
            return
        }
        let available = try await fill(atLeast: 1)
        guard available > 0 else { throw located(.malformedFrame, "the file ends inside a skippable frame") }
        let step = min(available, bytes)
        inputOffset += step
        state = .skipping(bytes: bytes - step)
    }

    private func decompress() async throws {
        // Without input there may still be output that did not fit before.
        let available = try await fill(atLeast: 1)
        lines.compact()
        let rawBefore = lines.buffered
        guard rawBefore <= RecordLine.bytesMaximum else {
            throw located(.malformedRecord, "a line is longer than any record")
        }
        let isAtEnd: Bool
        do throws(ArchiveError) {
            isAtEnd = try lines.append { output throws(ArchiveError) in
                try decompressor.decompress(
                    input, from: &inputOffset, appendingTo: &output, maximumBytes: Self.chunkBytes)
            }
        } catch {
            throw located(error.code, error.message)
        }
        let gained = lines.buffered - rawBefore
        rawBytes += gained
        guard rawBytes <= part.rawBytes else {
            throw located(.tooLarge, "there are more than the \(part.rawBytes) bytes of records announced")
        }
        if isAtEnd { return try endFrame() }
        guard gained > 0 || available > 0 else { throw located(.malformedFrame, "the file ends inside a frame") }
    }

    private func endFrame() throws(ArchiveError) {
        guard rawBytes > rawBytesBeforeFrame else { throw located(.malformedFrame, "the frame is empty") }
        guard !lines.endsInsideLine else { throw located(.malformedFrame, "the frame ends inside a line") }
        frameBytes = offset - frameOffset
        state = .betweenFrames
    }

    private func observeFrame() {
        guard observesFrames, observedFrames.count < frames, let frameFirstKey else { return }
        observedFrames.append(
            PartIndex.Location(
                offset: frameOffset, bytes: frameBytes, rawBytes: rawBytes - rawBytesBeforeFrame,
                firstKey: frameFirstKey, records: records - recordsBeforeFrame))
    }

    /// All lines have been taken when this is called.
    private func finish() throws(ArchiveError) {
        func wrong(_ code: ArchiveError.Code, _ message: String) -> ArchiveError {
            ArchiveError(code, message, file: part.name, keys: KeyRange(after: lastKey, through: part.lastKey))
        }
        let found = "\(records) records, \(rawBytes) bytes, \(frames) frames"
        let announced = "\(part.records) records, \(part.rawBytes) bytes, \(part.frames) frames"
        guard found == announced else { throw wrong(.contradiction, "found \(found); announced are \(announced)") }
        guard bytesRead == part.bytes else { throw wrong(.wrongSize, "it is shorter than \(part.bytes) bytes") }
        state = .finished
        if isSingleFrame { return }
        guard lastKey == part.lastKey else { throw wrong(.contradiction, "the last key is not \(part.lastKey)") }
        guard SHA256Hex.text(hash.finalize()) == part.sha256 else {
            throw ArchiveError(
                .wrongHash, "its SHA-256 is not the one in \(ArchiveFile.parts)", file: part.name,
                keys: KeyRange(through: part.lastKey))
        }
    }

    // MARK: Input

    /// Makes bytes available, fewer than asked for only at the end of the file.
    private func fill(atLeast wanted: Int) async throws -> Int {
        while input.count - inputOffset < wanted {
            let chunk = try await reader.read(maximumBytes: Self.chunkBytes)
            if chunk.isEmpty { break }
            bytesRead += chunk.count
            guard bytesRead <= part.bytes else { throw located(.wrongSize, "it is longer than \(part.bytes) bytes") }
            hash.update(data: chunk)
            input = inputOffset == input.count ? chunk : Array(input[inputOffset...]) + chunk
            inputOffset = 0
        }
        return input.count - inputOffset
    }
}
