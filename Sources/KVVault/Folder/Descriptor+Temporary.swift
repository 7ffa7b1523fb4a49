import Foundation
import Glibc

extension Descriptor {
    /// The folder for temporary files.
    package static var temporaryFolder: String { NSTemporaryDirectory() }

    /// Makes a file without a name in the folder for temporary files: whatever ends the process, nothing stays behind.
    package static func temporary() throws(VaultError) -> Descriptor {
        let path = temporaryFolder
        let name = path + ".kvark-\(UInt64.random(in: .min ... .max)).tmp"
        let raw = Glibc.open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw VaultError(errno: errno, path: path, "written to (TMPDIR names another folder)") }
        unlink(name)
        return Descriptor(raw: raw)
    }

    /// Reads so many bytes at an offset; fewer are an error.
    package func read(_ count: Int, at offset: Int, path: String) throws(VaultError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let result = Self.retrying {
                    pread(raw, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
                }
                if result <= 0 {
                    failure = result < 0 ? errno : EIO
                    return
                }
                filled += result
            }
        }
        guard failure == 0 else { throw VaultError(errno: failure, path: path, "read") }
        return bytes
    }
}
