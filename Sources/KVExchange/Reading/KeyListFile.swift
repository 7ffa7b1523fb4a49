import JSONText
package import KVTransfer

/// A file that names keys, one on a line: as it is, or as a JSON string where it begins with a quotation mark.
///
/// `kvark cat --keys-only` writes such files. May be compressed with gzip or zstd.
package enum KeyListFile {
    /// Reads the keys of a file.
    ///
    /// - Parameter path: The file; `-` is standard input.
    /// - Returns: Its keys; empty lines name none, and a key that comes twice is there once.
    /// - Throws: ``ExchangeError`` with `malformed` that names the line, or when there is no key; `VaultError`; `CancellationError`.
    package static func read(_ path: String) throws -> NamedKeys {
        let name = path == "-" ? "standard input" : path
        var lines = LineReader(try ImportFormat.plainInput(path, name))
        var keys = NamedKeys.Builder()
        var number = 0
        while let line = try lines.next() {
            try Task.checkCancellation()
            number += 1
            guard case .text(let bytes) = line else { throw fault("the line is too long", name, number) }
            if bytes.isEmpty { continue }
            if bytes.last == 0x0D {
                throw fault("the line ends with a carriage return, which would be part of the key", name, number)
            }
            guard let key = try key(bytes, name, number) else { throw fault("the line is not UTF-8", name, number) }
            if let problem = key.problem { throw fault(problem.description, name, number) }
            try keys.append(key)
        }
        let named = try keys.finish()
        // Rather a pipe that failed than a wish for nothing.
        guard named.count > 0 else { throw ExchangeError(.malformed, "\(name) names no keys") }
        return named
    }

    private static func key(_ line: [UInt8], _ name: String, _ number: Int) throws(ExchangeError) -> KVKey? {
        guard line.first == 0x22 else { return KVKey(utf8: line) }
        do throws(JSONError) {
            var reader = try JSONReader(line)
            let bytes = try reader.readString()
            try reader.finish()
            return KVKey(utf8: bytes)
        } catch {
            throw fault("the line begins with a quotation mark and is no JSON string: \(error)", name, number)
        }
    }

    private static func fault(_ reason: String, _ name: String, _ number: Int) -> ExchangeError {
        ExchangeError(.malformed, "\(name), line \(number): \(reason)")
    }
}
