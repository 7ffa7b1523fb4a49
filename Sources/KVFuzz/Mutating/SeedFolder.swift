import Foundation

/// The inputs from which a target starts: the files of `Tests/FuzzSeeds/<target>`.
package struct SeedFolder {
    /// A seed and the name of its file, which says what it shows.
    package struct Seed: Sendable {
        /// The name of the file.
        package let name: String
        /// The input.
        package let bytes: [UInt8]
    }

    private let path: String

    /// Names the folder that holds a folder for each target.
    package init(path: String) { self.path = path }

    /// The seeds of a target, sorted by name; none if it has no folder.
    package func seeds(of target: String) throws -> [Seed] {
        let folder = URL(filePath: path).appending(path: target)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            Seed(name: name, bytes: Array(try Data(contentsOf: folder.appending(path: name))))
        }
    }
}
