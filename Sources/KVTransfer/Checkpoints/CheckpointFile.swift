import Foundation

/// A checkpoint as a file: one line of JSON, and a line with its SHA-256, so that a damaged one is not believed.
enum CheckpointFile {
    /// The most a checkpoint may have, in bytes: room for the descriptions of 100,000 parts.
    static let bytesMaximum = 64 << 20

    /// More than anything that is counted: 9 PB of bytes, a thousand years of a million requests a second.
    fileprivate static let countMaximum = 1 << 53

    /// The text of a checkpoint.
    static func text(of checkpoint: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = Array(try encoder.encode(checkpoint))
        return json + Array("\n\(SHA256Hex.digest(of: json))\n".utf8)
    }

    /// The checkpoint of a text, or `nil` if it is not one, or not the one that was written.
    static func parse<Checkpoint: Decodable>(_ text: [UInt8], as type: Checkpoint.Type) -> Checkpoint? {
        guard let end = text.firstIndex(of: 0x0A) else { return nil }
        let json = Array(text[..<end])
        guard Array(text[end...]) == Array("\n\(SHA256Hex.digest(of: json))\n".utf8) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(json))
    }

    /// Reads a checkpoint, or `nil` if there is none that can be believed.
    ///
    /// - Throws: The vault's errors, but for a file that is not there.
    static func read<Checkpoint: Decodable>(
        _ name: String, in vault: any Vault, as type: Checkpoint.Type
    ) async throws -> Checkpoint? {
        do {
            return parse(try await vault.read(name, maximumBytes: bytesMaximum), as: type)
        } catch let error as VaultError where error.code == .notFound || error.code == .tooLarge {
            return nil
        }
    }
}

extension Sequence<Int> {
    /// Whether all of them may have been counted.
    var arePlausible: Bool { allSatisfy { (0...CheckpointFile.countMaximum).contains($0) } }
}
