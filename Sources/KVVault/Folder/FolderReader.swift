import Glibc

/// Reads a regular file from an offset to its end.
final class FolderReader: VaultReader {
    let bytes: Int
    private let file: Descriptor
    private let path: String
    private var offset: Int

    init(file: consuming Descriptor, bytes: Int, offset: Int, path: String) {
        self.file = file
        self.bytes = bytes
        self.offset = max(0, offset)
        self.path = path
    }

    func read(maximumBytes: Int) async throws -> [UInt8] {
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: max(1, maximumBytes)) { buffer, count in
            let result = Descriptor.retrying { pread(file.raw, buffer.baseAddress, buffer.count, off_t(offset)) }
            failure = result < 0 ? errno : 0
            count = max(0, result)
        }
        guard failure == 0 else { throw VaultError(errno: failure, path: path, "read") }
        offset += chunk.count
        return chunk
    }
}
