/// A second look at keys that were listed and then not there when they were read.
///
/// Most were deleted in between, and a list lags behind a deletion by a minute or so. A key that the list goes on naming
/// while reading it goes on failing is one that the API cannot give: a hole.
struct VanishedKeys {
    /// How long to wait before each look, in seconds; the list of a namespace is up to date after 60 (API reference, how KV
    /// works).
    private static let pauses = [0.0, 15, 30, 45]

    let client: KVClient
    let namespace: NamespaceID

    /// The keys that are still listed and still cannot be read, as holes.
    func unreadable(among keys: [KVKey]) async throws -> [Hole] {
        var doubtful = keys
        for pause in Self.pauses where !doubtful.isEmpty {
            if pause > 0 { try await client.options.clock.sleep(pause) }
            doubtful = try await contradictory(doubtful)
        }
        return doubtful.map {
            Hole(key: $0, reason: "the list has it, and reading it says that there is no such key")
        }
    }

    private func contradictory(_ keys: [KVKey]) async throws -> [KVKey] {
        var doubtful: [KVKey] = []
        for key in keys {
            guard let listed = try await client.listedKey(key, in: namespace) else { continue }
            if let expiration = listed.expiration, Double(expiration.seconds) <= client.options.clock.unixNow() {
                continue
            }
            // A key that was written again has gone and come: that it is not in the backup is as it should be.
            if try await client.value(of: key, in: namespace) == nil { doubtful.append(key) }
        }
        return doubtful
    }
}
