extension Archive {
    /// Where the archive is, as a person names it: the vault and the folder in it.
    public var place: String { path.isEmpty ? vault.location : "\(vault.location)/\(path)" }
}
