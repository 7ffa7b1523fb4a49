/// What a shell offers for a value.
package enum ArgumentCompletion: Sendable, Hashable {
    /// Files and folders.
    case files
    /// Folders only.
    case folders
    /// These words.
    case words([String])
    /// Nothing: the shell cannot know it.
    case nothing
}
