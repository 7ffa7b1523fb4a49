import Foundation
import KVTransfer

/// The formats in which records are read.
package enum ImportFormat: String, CaseIterable, Sendable {
    /// A pair per line.
    case ndjson
    /// An array of pairs, as `wrangler kv bulk put` takes it.
    case wrangler
    /// An object of keys with values, as `wrangler kv bulk get` prints it.
    case bulkGet = "bulk-get"
    case csv
    case tsv
    /// A database with the table `records`.
    case sqlite
    /// A folder of values with an index.
    case files

    private static let peekedBytes = 4096

    /// Opens a file, or a folder, and finds out what it holds.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - format: The format, if it is known.
    ///   - now: The moment from which times to live count.
    /// - Returns: A reader for it.
    /// - Throws: ``ExchangeError`` with `unknownFormat` or `malformed`; `VaultError`.
    static func reader(of path: String, as format: ImportFormat?, now: UnixTime) throws -> any RecordReader {
        let pairs = PairText(now: now)
        if path != "-", isFolder(path) {
            guard format ?? .files == .files, isFolderOfValues(path) else {
                throw ExchangeError(
                    .unknownFormat, "\(path) is a folder without \(ValueFileName.index); name the files in it")
            }
            return FilesReader(path: path, pairs: pairs)
        }
        let name = path == "-" ? "standard input" : path
        let input = try plainInput(path, name)
        let start = try input.peek(peekedBytes)
        switch try format ?? detect(start, name) {
        case .ndjson: return NDJSONReader(input: input, pairs: pairs)
        case .wrangler: return BulkPutReader(input: input, name: name, pairs: pairs)
        case .bulkGet: return BulkGetReader(input: input, name: name)
        case .csv: return TableReader(input: input, name: name, dialect: .csv)
        case .tsv: return TableReader(input: input, name: name, dialect: .tsv)
        case .sqlite:
            guard path != "-" else {
                throw ExchangeError(.unknownFormat, "a SQLite database is read from a file, not from standard input")
            }
            return SQLiteReader(path: path)
        case .files: throw ExchangeError(.unknownFormat, "\(name) is not a folder")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    package static func isFolderOfValues(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(ValueFileName.index)")
    }

    /// The bytes of a file without compression and byte order mark.
    static func plainInput(_ path: String, _ name: String) throws -> PeekedInput {
        var input = PeekedInput(try FileInput(path: path))
        let magic = try input.peek(4)
        if magic.starts(with: [0x1F, 0x8B]) {
            input = PeekedInput(try GzipInput(input, name: name))
        } else if isZstd(magic) {
            input = PeekedInput(try ZstdInput(input, name: name))
        }
        // No format starts with one, so it belongs to the file and not to a key.
        if try input.peek(3) == [0xEF, 0xBB, 0xBF] { input.drop(3) }
        return input
    }

    /// A data frame, or one that is to be skipped.
    private static func isZstd(_ magic: [UInt8]) -> Bool {
        magic == [0x28, 0xB5, 0x2F, 0xFD]
            || (magic.count == 4 && magic[0] & 0xF0 == 0x50 && magic[1...] == [0x2A, 0x4D, 0x18])
    }

    /// Tells the format by the first bytes.
    private static func detect(_ start: [UInt8], _ name: String) throws(ExchangeError) -> ImportFormat {
        if start.starts(with: "SQLite format 3\0".utf8) { return .sqlite }
        let text = start.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        switch text.first {
        case nil: return .ndjson
        case 0x5B: return .wrangler
        case 0x7B: return isPair(text) ? .ndjson : .bulkGet
        default: break
        }
        let header = text.prefix { $0 != 0x0A && $0 != 0x0D }
        let fields = header.split { $0 == 0x2C || $0 == 0x09 || $0 == 0x22 }
        guard fields.contains(where: { $0.elementsEqual("key".utf8) }) else {
            throw ExchangeError(.unknownFormat, "\(name) is of no format that is known; --format names one")
        }
        return header.contains(0x09) ? .tsv : .csv
    }

    /// Whether the first member of an object is one of a pair's; else the members are keys.
    private static func isPair(_ text: ArraySlice<UInt8>) -> Bool {
        let members = ["key", "value", "base64", "metadata", "expiration", "expiration_ttl"]
        let rest = text.dropFirst().drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        return members.contains { rest.starts(with: "\"\($0)\"".utf8) }
    }
}
