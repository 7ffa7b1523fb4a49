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

    /// What a second look finds.
    struct Found {
        /// Keys that are still listed and still cannot be read.
        var unreadable: [Hole] = []
        /// Records of keys that are there now: written again meanwhile, or denied before though they were there.
        var present: [RecordLine] = []
    }

    /// Looks at keys again, for as long as a list may lag behind.
    func lookAgain(at keys: [KVKey]) async throws -> Found {
        var doubtful = keys
        var found = Found()
        for pause in Self.pauses where !doubtful.isEmpty {
            if pause > 0 { try await client.options.clock.sleep(pause) }
            doubtful = try await contradictory(doubtful, &found.present)
        }
        found.unreadable = doubtful.map {
            Hole(key: $0, reason: "the list has it, and reading it says that there is no such key")
        }
        return found
    }

    private func contradictory(_ keys: [KVKey], _ present: inout [RecordLine]) async throws -> [KVKey] {
        var doubtful: [KVKey] = []
        for key in keys {
            guard let listed = try await client.listedKey(key, in: namespace) else { continue }
            if let expiration = listed.expiration, Double(expiration.seconds) <= client.options.clock.unixNow() {
                continue
            }
            guard let stored = try await client.value(of: key, in: namespace) else {
                doubtful.append(key)
                continue
            }
            present.append(
                RecordLine(
                    KVRecord(
                        key: key, value: stored.bytes, metadata: listed.metadata,
                        expiration: stored.expiration ?? listed.expiration)))
        }
        return doubtful
    }
}
