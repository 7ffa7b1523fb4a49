import Glibc
import JSONText
import KVTransfer

/// A folder with a file for each value, in the order of its index.
struct FilesReader: RecordReader {
    let path: String
    let pairs: PairText
    let unit = "line"

    func forEachRecord(_ body: (Int, ReadRecord) throws -> Void) throws {
        let folder = try Descriptor.open(path, O_RDONLY | O_DIRECTORY, path: path, "opened as a folder")
        var lines = LineReader(try FileInput(path: "\(path)/\(ValueFileName.index)"))
        var number = 0
        while let line = try lines.next() {
            number += 1
            guard case .text(let text) = line else {
                try body(number, .fault("the line is longer than any record"))
                continue
            }
            if text.isEmpty { continue }
            try body(number, ReadRecord(pair: { try record(text, in: folder) }))
        }
    }

    private func record(_ text: [UInt8], in folder: borrowing Descriptor) throws -> (
        line: RecordLine, timeToLive: Int64?
    ) {
        var reader = try JSONReader(text, maximumDepth: JSONReader.defaultMaximumDepth + 2)
        var members = PairText.Members()
        try members.read(&reader, allowsFile: true)
        try reader.finish()
        guard let key = members.key else { throw RecordFault("\"key\" is missing") }
        guard let file = members.file, members.value == nil, !members.isBase64 else {
            throw RecordFault("a line has \"file\" instead of \"value\"")
        }
        let name = String(decoding: file, as: UTF8.self)
        guard ValueFileName.isSafe(name) else {
            throw RecordFault("\(KVKey(name)) is not the name of a file of values")
        }
        let line = try RecordLine(
            checking: KVRecord(
                key: key, value: try value(name, in: folder), metadata: members.metadata,
                expiration: members.timeToLive.map { pairs.now + $0 } ?? members.expiration))
        return (line, members.timeToLive)
    }

    private func value(_ name: String, in folder: borrowing Descriptor) throws(RecordFault) -> [UInt8] {
        let shown = KVKey(name)
        do throws(VaultError) {
            // Neither a link to somewhere else is followed nor a pipe waited for.
            let file = try Descriptor.open(
                name, in: folder.raw, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, path: "\(path)/\(name)", "read")
            let status = try file.status(path: "\(path)/\(name)")
            guard status.isRegularFile else { throw VaultError(.notAFile, path: "\(path)/\(name)", "is not a file") }
            guard status.st_size <= KVLimits.valueBytes else {
                throw VaultError(.tooLarge, path: "\(path)/\(name)", "is larger than 25 MiB")
            }
            return try Self.contents(of: file, bytes: Int(status.st_size), path: "\(path)/\(name)")
        } catch {
            throw RecordFault("the file \(shown): \(error.message)")
        }
    }

    private static func contents(
        of file: borrowing Descriptor, bytes: Int, path: String
    ) throws(VaultError) -> [UInt8] {
        var failure: Int32 = 0
        let raw = file.raw
        let contents = [UInt8](unsafeUninitializedCapacity: bytes) { buffer, count in
            while count < bytes {
                let result = Descriptor.retrying {
                    pread(raw, buffer.baseAddress?.advanced(by: count), bytes - count, off_t(count))
                }
                if result <= 0 {
                    failure = result < 0 ? errno : EIO
                    return
                }
                count += result
            }
        }
        guard failure == 0 else { throw VaultError(errno: failure, path: path, "read") }
        return contents
    }
}
