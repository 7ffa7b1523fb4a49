import Glibc
import KVModel
import KVVault

/// Turns the file of a part into record lines and checks all that the archive says about it.
///
/// Pulled: nothing is read before a piece is asked for. With a pipeline, the frames after it are read and decoded ahead.
final class PartDecoder {
    private let part: PartSummary
    private let splitter: FrameSplitter
    private let wish: FramePiece.Wish
    private let pipeline: DecodingPipeline?
    /// Whether only one frame of a part is read, whose last key and SHA-256 are not known.
    private let isSingleFrame: Bool
    private let firstFrame: Int

    /// What has been read ahead, in the order of the file.
    private var queue: [Ahead] = []
    /// The frame of which pieces are being read.
    private var openFrame: OpenFrame?
    private var decompressor: ZstdDecompressor?
    private let spares: SpareBuffers
    private let spareFrames: SpareBuffers
    private var isFinished = false

    /// The data frames begun so far.
    private var frames = 0
    private var rawBytes = 0
    private var records = 0
    private var lastKey: KVKey?
    private var fault: FramePiece.Fault?
    private var batches: [[RecordLine]] = []

    /// Whether to remember where the data frames stand and what is in them.
    var observesFrames = false
    /// The data frames read to their end, if they are to be remembered.
    private(set) var observedFrames: [PartIndex.Location] = []

    private enum Ahead {
        case whole(WholeFrame, DecodingPipeline.Ticket?, offset: Int)
        case open(offset: Int)
        case failed(any Error)
        case end
    }

    /// A data frame that is read piece by piece.
    private struct OpenFrame {
        var offset: Int
        var decompressor: ZstdDecompressor
        /// What has come out of it and was not handed out: never a whole line, or less than a piece.
        var content: [UInt8] = []
        var firstKey: KVKey?
        var records = 0
        var rawBytes = 0
    }

    /// Reads a part.
    ///
    /// - Parameters:
    ///   - part: What the archive says about it.
    ///   - reader: Its file.
    ///   - wish: What of the records is wanted.
    ///   - pipeline: Where frames are decoded ahead; without one they are decoded when they are asked for.
    init(
        part: PartSummary, reader: any VaultReader, _ wish: FramePiece.Wish = .records,
        pipeline: DecodingPipeline? = nil
    ) {
        self.part = part
        self.wish = wish
        self.pipeline = pipeline
        spares = pipeline?.spares ?? SpareBuffers(limit: 1)
        spareFrames = pipeline?.spareFrames ?? SpareBuffers(limit: 1)
        splitter = FrameSplitter(reader, bytesExpected: part.bytes, spares: spareFrames)
        isSingleFrame = false
        firstFrame = 0
    }

    /// Reads one data frame as if it were a part of its own.
    init(frame: Int, at location: PartIndex.Location, of part: PartSummary, reader: any VaultReader) {
        self.part = PartSummary(
            name: part.name, records: location.records, firstKey: location.firstKey, lastKey: part.lastKey,
            rawBytes: location.rawBytes, bytes: location.bytes, sha256: "", frames: 1)
        wish = .records
        pipeline = nil
        spares = SpareBuffers(limit: 0)
        spareFrames = spares
        splitter = FrameSplitter(reader, bytesExpected: location.bytes, spares: spareFrames)
        isSingleFrame = true
        firstFrame = frame
    }

    /// The next records.
    ///
    /// - Returns: At least one record, or `nil` when the part is at its end and all of it is proven.
    func nextBatch() async throws -> [RecordLine]? {
        while batches.isEmpty {
            guard let piece = try await nextPiece() else { return nil }
            batches = piece.batches.reversed()
        }
        return batches.removeLast()
    }

    /// The next whole lines.
    ///
    /// - Returns: At least one line, or `nil` when the part is at its end and all of it is proven.
    func nextPiece() async throws -> FramePiece? {
        while !isFinished {
            if let fault { throw located(fault) }
            let piece = openFrame == nil ? try await nextFrame() : try await continueOpenFrame()
            if let piece {
                try take(piece)
                return piece
            }
        }
        return nil
    }

    /// Takes a piece's memory back, for pieces to come.
    func recycle(_ piece: consuming FramePiece) { spares.give(piece.raw) }

    // MARK: Frames

    private func nextFrame() async throws -> FramePiece? {
        await readAhead()
        switch queue.removeFirst() {
        case .whole(let frame, let ticket, let offset):
            try beginFrame()
            let piece = try await decoded(frame, ticket)
            if piece.fault != nil, piece.totals.records == 0 {
                fault = piece.fault
                return nil
            }
            if let firstKey = piece.firstKey, piece.fault == nil {
                observe(
                    PartIndex.Location(
                        offset: offset, bytes: frame.bytes.count, rawBytes: piece.totals.rawBytes, firstKey: firstKey,
                        records: piece.totals.records))
            } else if piece.fault == nil {
                throw located(.malformedFrame, "the frame is empty")
            }
            return piece
        case .open(let offset):
            try beginFrame()
            openFrame = OpenFrame(offset: offset, decompressor: try ZstdDecompressor())
        case .failed(let error as ArchiveError): throw located(error.code, error.message)
        case .failed(let error): throw error
        case .end: try finish()
        }
        return nil
    }

    private func decoded(_ frame: WholeFrame, _ ticket: DecodingPipeline.Ticket?) async throws -> FramePiece {
        defer { spareFrames.give(frame.bytes) }
        if let ticket, let pipeline { return try await pipeline.frames.product(of: ticket) }
        let decompressor = try self.decompressor ?? ZstdDecompressor()
        self.decompressor = decompressor
        return frame.decoded(by: .success(decompressor), spares)
    }

    private func beginFrame() throws(ArchiveError) {
        frames += 1
        guard frames <= part.frames else {
            throw located(.contradiction, "there are more than \(part.frames) frames")
        }
    }

    private func observe(_ location: PartIndex.Location) {
        if observesFrames { observedFrames.append(location) }
    }

    // MARK: Reading ahead

    /// Whether the whole file has been read, and only decoding is left.
    var isReadToEnd: Bool {
        if case .end = queue.last { return true }
        return isFinished
    }

    /// How many frames have been read ahead.
    var framesAhead: Int { queue.count }

    /// Reads frames until enough are on their way, or nothing more can be read before these are taken.
    ///
    /// - Parameter others: How many frames of other parts are on their way.
    func readAhead(beside others: Int = 0) async {
        while queue.count + others < (pipeline?.depth ?? 1), mayReadAhead { queue.append(await readFrame()) }
    }

    /// Fetches and drops what is on its way, when the part turned out to be damaged.
    func drain() async {
        for case .whole(_, let ticket?, _) in queue { _ = try? await pipeline?.frames.product(of: ticket) }
        queue = []
        isFinished = true
    }

    private var mayReadAhead: Bool {
        switch queue.last {
        case .whole: true
        case .open, .failed, .end: false
        case nil: openFrame == nil && !isFinished
        }
    }

    private func readFrame() async -> Ahead {
        do {
            switch try await splitter.next() {
            case .whole(let bytes, let rawBytes, let offset):
                let frame = WholeFrame(bytes: bytes, rawBytes: rawBytes, wish: wish)
                return .whole(frame, await pipeline?.frames.submit(frame), offset: offset)
            case .open(let offset): return .open(offset: offset)
            case .end: return .end
            }
        } catch {
            return .failed(error)
        }
    }

    // MARK: Large frames

    private func continueOpenFrame() async throws -> FramePiece? {
        guard var frame = openFrame else { return nil }
        // Only one owner, so that the content is not copied.
        openFrame?.content = []
        let scanned = frame.content.count
        let isAtEnd: Bool
        do {
            isAtEnd = try await splitter.decompress(frame.decompressor, into: &frame.content)
        } catch let error as ArchiveError {
            throw located(error.code, error.message)
        }
        guard rawBytes + frame.content.count <= part.rawBytes else { throw tooLarge() }
        let lines = isAtEnd ? frame.content : try Self.wholeLines(of: &frame.content, scanned: scanned, located)
        guard !lines.isEmpty else {
            openFrame = isAtEnd ? nil : frame
            if isAtEnd, frame.rawBytes == 0 { throw located(.malformedFrame, "the frame is empty") }
            if isAtEnd { observe(frame) }
            return nil
        }
        let piece = FramePiece(reading: lines, wish)
        frame.firstKey = frame.firstKey ?? piece.firstKey
        frame.records += piece.totals.records
        frame.rawBytes += piece.totals.rawBytes
        openFrame = isAtEnd ? nil : frame
        if isAtEnd { observe(frame) }
        if piece.totals.records == 0 {
            fault = piece.fault
            return nil
        }
        return piece
    }

    private func observe(_ frame: OpenFrame) {
        guard let firstKey = frame.firstKey else { return }
        observe(
            PartIndex.Location(
                offset: frame.offset, bytes: splitter.offset - frame.offset, rawBytes: frame.rawBytes,
                firstKey: firstKey, records: frame.records))
    }

    /// Takes the whole lines from the start of some content, if there are any.
    private static func wholeLines(
        of content: inout [UInt8], scanned: Int, _ located: (ArchiveError.Code, String) -> ArchiveError
    ) throws(ArchiveError) -> [UInt8] {
        guard let end = content[scanned...].lastIndex(of: 0x0A) else {
            guard content.count <= RecordLine.bytesMaximum else {
                throw located(.malformedRecord, "a line is longer than any record")
            }
            return []
        }
        let rest = Array(content[(end + 1)...])
        content.removeLast(rest.count)
        let lines = content
        content = rest
        return lines
    }

    // MARK: Checks

    /// Which frame is being read, and between which keys; for errors.
    private func located(_ code: ArchiveError.Code, _ message: String) -> ArchiveError {
        located(code, message, cause: nil)
    }

    private func located(_ code: ArchiveError.Code, _ message: String, cause: (any Error)?) -> ArchiveError {
        ArchiveError(
            code, message, file: part.name, frame: frames > 0 ? firstFrame + frames - 1 : nil,
            keys: KeyRange(after: lastKey, through: part.lastKey), cause: cause)
    }

    private func located(_ fault: FramePiece.Fault) -> ArchiveError {
        guard let cause = fault.cause else { return located(fault.code, fault.message) }
        return located(fault.code, "record \(records) of the part is malformed", cause: cause)
    }

    private func tooLarge() -> ArchiveError {
        located(.tooLarge, "there are more than the \(part.rawBytes) bytes of records announced")
    }

    /// Compares lines with those before them and with what the archive announces.
    private func take(_ piece: FramePiece) throws(ArchiveError) {
        if let first = piece.firstKey, let lastKey, first <= lastKey {
            throw located(.outOfOrder, "\(first) stands after \(lastKey)")
        }
        if let first = piece.firstKey, records == 0, first != part.firstKey {
            throw located(.contradiction, "the first key is \(first) instead of \(part.firstKey)")
        }
        guard records + piece.totals.records <= part.records else {
            throw located(.contradiction, "there are more than \(part.records) records")
        }
        guard rawBytes + piece.totals.rawBytes <= part.rawBytes else { throw tooLarge() }
        records += piece.totals.records
        rawBytes += piece.totals.rawBytes
        lastKey = piece.lastKey ?? lastKey
        fault = piece.fault
    }

    /// All lines have been taken when this is called.
    private func finish() throws(ArchiveError) {
        func wrong(_ code: ArchiveError.Code, _ message: String) -> ArchiveError {
            ArchiveError(code, message, file: part.name, keys: KeyRange(after: lastKey, through: part.lastKey))
        }
        let found = "\(records) records, \(rawBytes) bytes, \(frames) frames"
        let announced = "\(part.records) records, \(part.rawBytes) bytes, \(part.frames) frames"
        guard found == announced else { throw wrong(.contradiction, "found \(found); announced are \(announced)") }
        guard splitter.bytesRead == part.bytes else {
            throw wrong(.wrongSize, "it is shorter than \(part.bytes) bytes")
        }
        isFinished = true
        if isSingleFrame { return }
        guard lastKey == part.lastKey else { throw wrong(.contradiction, "the last key is not \(part.lastKey)") }
        guard splitter.sha256 == part.sha256 else {
            throw ArchiveError(
                .wrongHash, "its SHA-256 is not the one in \(ArchiveFile.parts)", file: part.name,
                keys: KeyRange(through: part.lastKey))
        }
    }
}
