import KVTransfer

/// Writes JSON arrays that `wrangler kv bulk put` accepts.
///
/// A record line is a pair of such an array as it stands. Arrays are cut by count and by bytes. One array, up to 95 MB, is
/// held in memory: a stream takes only one, and half an array is nothing.
final class WranglerSink: ExportSink {
    /// The largest array, in bytes: below the 100 MB that the API takes in one request.
    static let arrayBytesMaximum = 95_000_000

    private enum Destination {
        case stream(any VaultWriter)
        case folder(FolderVault)
    }

    private let destination: Destination
    private let chunkRecords: Int
    private var array: [UInt8] = [0x5B]
    private var records = 0
    private var arrays = 0

    init(_ writer: any VaultWriter, chunkRecords: Int) {
        destination = .stream(writer)
        self.chunkRecords = chunkRecords
    }

    init(in folder: FolderVault, chunkRecords: Int) {
        destination = .folder(folder)
        self.chunkRecords = chunkRecords
    }

    func write(_ lines: [RecordLine]) async throws -> [Hole] {
        var leftOut: [Hole] = []
        for line in lines {
            if let reason = Self.obstacle(line) {
                leftOut.append(Hole(key: line.key, reason: reason))
            } else {
                try await append(line)
            }
        }
        return leftOut
    }

    func finish() async throws {
        switch destination {
        case .stream(let writer):
            try await writer.write(array + [0x0A, 0x5D, 0x0A])
            try await writer.publish()
        case .folder:
            // No records are an empty array, not nothing.
            if records > 0 || arrays == 0 { try await endArray() }
        }
    }

    func abandon() async {
        switch destination {
        case .stream(let writer): await writer.abandon()
        case .folder(let folder):
            // The folder was empty; some of the arrays without the others would look like all of them.
            for number in 1...max(1, arrays) { try? await folder.remove(Self.fileName(number)) }
        }
    }

    private static func fileName(_ number: Int) -> String {
        let digits = String(number)
        return "bulk-\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).json"
    }

    /// Why wrangler or the API would refuse a record, or `nil` if they would not.
    private static func obstacle(_ line: RecordLine) -> String? {
        if line.hasMetadata, let first = line.metadata?.json.first, first != 0x7B, first != 0x5B {
            return "wrangler takes no metadata but objects and arrays"
        }
        guard line.text.count + 5 <= arrayBytesMaximum else { return "it is larger than one request may be" }
        return nil
    }

    private func append(_ line: RecordLine) async throws {
        if records == chunkRecords || array.count + line.text.count + 5 > Self.arrayBytesMaximum {
            guard case .folder = destination else {
                throw ExchangeError(
                    .tooMuch, "there is more than one array can hold, nothing was printed: name a folder for several")
            }
            try await endArray()
        }
        if records > 0 { array.append(0x2C) }
        // One pair a line, for people and for version control.
        array.append(0x0A)
        array += line.text
        records += 1
    }

    private func endArray() async throws {
        guard case .folder(let folder) = destination else { return }
        arrays += 1
        try await folder.write(array + [0x0A, 0x5D, 0x0A], to: Self.fileName(arrays))
        array = [0x5B]
        records = 0
    }
}
