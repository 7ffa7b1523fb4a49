/// The rules for names in a vault.
public enum VaultName {
    /// The start of the last segment of files that belong to the vault itself: locks and files not yet published.
    ///
    /// Such files are not listed, and no name of a user's file may have such a segment.
    public static let reservedPrefix = ".kvark-"

    /// Splits a name and refuses what could lead anywhere but to one place inside the vault.
    ///
    /// - Returns: The segments, at least one.
    /// - Throws: `unsafeName` for empty segments, `.`, `..`, a leading slash, NUL and reserved segments.
    public static func segments(of name: String) throws(VaultError) -> [String] {
        let segments = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for segment in segments {
            guard let problem = problem(of: segment) else { continue }
            throw VaultError(.unsafeName, path: name, "is not a name a vault can hold: \(problem)")
        }
        return segments
    }

    /// Splits a folder's name, where the empty text means the vault itself and has no segments.
    public static func folderSegments(of name: String) throws(VaultError) -> [String] {
        name.isEmpty ? [] : try segments(of: name)
    }

    /// The full name of something in a folder.
    public static func join(_ folder: String, _ name: String) -> String {
        folder.isEmpty ? name : "\(folder)/\(name)"
    }

    /// Whether the vault keeps this segment to itself.
    static func isReserved(_ segment: String) -> Bool { segment.utf8.starts(with: reservedPrefix.utf8) }

    private static func problem(of segment: String) -> String? {
        if segment.isEmpty { return "it has an empty segment" }
        if segment == "." || segment == ".." { return "it has a segment of dots" }
        if segment.utf8.contains(0) { return "it holds a NUL" }
        if segment.utf8.count > 255 { return "a segment is longer than 255 bytes" }
        if isReserved(segment) { return "names with \(reservedPrefix) belong to the vault itself" }
        return nil
    }
}
