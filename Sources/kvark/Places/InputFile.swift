import Foundation

/// A file that the user names, or standard input.
enum InputFile {
    /// Reads a file whole.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - limit: The most bytes it may have.
    /// - Returns: The bytes.
    /// - Throws: ``CommandFailure`` when the file cannot be read or is longer.
    static func read(_ path: String, upTo limit: Int) throws -> [UInt8] {
        let name = path == "-" ? "standard input" : path
        do {
            let handle = path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
            var bytes: [UInt8] = []
            while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty {
                bytes += data
                guard bytes.count <= limit else {
                    throw CommandFailure("\(name) is longer than \(Amounts.bytes(limit))")
                }
            }
            return bytes
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("cannot read \(name): \(Hints.describe(error))")
        }
    }
}
