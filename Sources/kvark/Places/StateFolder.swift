import Foundation
import KVTransfer

/// The folder in which checkpoints of restores are kept: the user's own, because archives are never written to.
enum StateFolder {
    /// The folder as a vault, or `nil` with a warning when there is none that can be written to.
    static func vault(_ output: OutputOptions) -> (any Vault)? {
        let environment = ProcessInfo.processInfo.environment
        guard let path = path(environment) else {
            output.say("no checkpoint is kept, because neither KVARK_STATE_DIR nor HOME is set")
            return nil
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            output.say("no checkpoint is kept, because \(path) cannot be made: \(Hints.describe(error))")
            return nil
        }
        guard access(path, W_OK) == 0 else {
            output.say("no checkpoint is kept, because \(path) cannot be written to")
            return nil
        }
        return FolderVault(path: path)
    }

    private static func path(_ environment: [String: String]) -> String? {
        if let path = environment["KVARK_STATE_DIR"], !path.isEmpty { return path }
        if let path = environment["XDG_STATE_HOME"], path.hasPrefix("/") { return "\(path)/kvark" }
        if let path = environment["HOME"], !path.isEmpty { return "\(path)/.local/state/kvark" }
        return nil
    }
}
