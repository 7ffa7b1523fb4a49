import Foundation
import Glibc
import KVArchive
import KVTransfer

/// Bytes that are pulled, a chunk at a time.
protocol ByteInput: AnyObject {
    /// The next bytes; none at the end.
    func next() throws -> [UInt8]
}

/// A file or standard input.
final class FileInput: ByteInput {
    static let chunkBytes = 256 << 10

    private let file: Descriptor
    private let path: String

    /// Opens a file; `-` is standard input.
    init(path: String) throws(VaultError) {
        self.path = path
        if path == "-" {
            file = Descriptor(raw: dup(STDIN_FILENO))
        } else {
            file = try Descriptor.open(path, O_RDONLY, path: path, "read")
        }
    }

    func next() throws -> [UInt8] {
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
            let result = Descriptor.retrying { read(file.raw, buffer.baseAddress, buffer.count) }
            failure = result < 0 ? errno : 0
            count = max(0, result)
        }
        guard failure == 0 else { throw VaultError(errno: failure, path: path, "read") }
        return chunk
    }
}

/// An input whose first bytes can be looked at before they are taken.
final class PeekedInput: ByteInput {
    private let base: any ByteInput
    private var held: [UInt8] = []

    init(_ base: any ByteInput) { self.base = base }

    /// The first bytes; fewer than asked for only at the end.
    func peek(_ count: Int) throws -> [UInt8] {
        while held.count < count {
            let chunk = try base.next()
            if chunk.isEmpty { break }
            held += chunk
        }
        return Array(held.prefix(count))
    }

    /// Takes some of the bytes that were looked at.
    func drop(_ count: Int) { held.removeFirst(min(count, held.count)) }

    func next() throws -> [UInt8] {
        if held.isEmpty { return try base.next() }
        defer { held = [] }
        return held
    }
}

/// What zstd frames hold.
final class ZstdInput: ByteInput {
    private let base: any ByteInput
    private let name: String
    private let decompressor: ZstdDecompressor
    private var chunk: [UInt8] = []
    private var offset = 0
    private var isBetweenFrames = true

    init(_ base: any ByteInput, name: String) throws {
        self.base = base
        self.name = name
        decompressor = try ZstdDecompressor()
    }

    func next() throws -> [UInt8] {
        while true {
            if offset == chunk.count {
                chunk = try base.next()
                offset = 0
            }
            var out: [UInt8] = []
            let isAtEnd = chunk.isEmpty
            if isAtEnd, isBetweenFrames { return [] }
            do throws(ArchiveError) {
                isBetweenFrames = try decompressor.decompress(
                    chunk, from: &offset, appendingTo: &out, maximumBytes: FileInput.chunkBytes)
            } catch {
                throw ExchangeError(.malformed, "\(name): \(error.message)")
            }
            if !out.isEmpty { return out }
            if isAtEnd, !isBetweenFrames { throw ExchangeError(.malformed, "\(name) ends inside a zstd frame") }
        }
    }
}
