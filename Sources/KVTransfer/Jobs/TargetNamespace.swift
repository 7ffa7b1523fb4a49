/// The namespace that a job writes to, before it does.
struct TargetNamespace {
    let namespace: Namespace
    let client: KVClient

    /// The first keys of the namespace, as many as one request gives; none if and only if it is empty.
    func firstKeys() async throws -> [KVKey] {
        for try await page in client.keyPages(in: namespace.id) where !page.keys.isEmpty {
            return page.keys.map(\.key)
        }
        return []
    }

    /// Makes sure that there is nothing to be overwritten.
    ///
    /// - Throws: ``TransferError`` with `targetNotEmpty`; ``KVError``.
    func checkIsEmpty() async throws {
        guard let key = try await firstKeys().first else { return }
        throw notEmpty("it has key \(key)")
    }

    /// The error of a namespace that must not be written to.
    func notEmpty(_ reason: String) -> TransferError {
        TransferError(
            .targetNotEmpty, "namespace \(KVKey(namespace.title)) is not empty (\(reason)), nothing was written")
    }
}

extension RecordSource {
    /// Looks for records that expire too soon for the API to take them, before the first one is written.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - isFirstRun: Whether nothing has been written yet.
    /// - Throws: ``TransferError`` with `recordsExpiring`; the source's errors.
    func checkNothingExpires(at now: UnixTime, isFirstRun: Bool = true) async throws {
        let earliest = now + ExpiryJudge.marginSeconds
        var firstKey: KVKey?
        var count = 0
        try await forEachBatch { lines in
            for line in lines where line.expiration.map({ $0 < earliest }) ?? false {
                firstKey = firstKey ?? line.key
                count += 1
            }
        }
        guard let firstKey else { return }
        throw TransferError(
            .recordsExpiring,
            "\(count) records have expired or will within \(ExpiryJudge.marginSeconds) seconds, the first is \(firstKey); "
                + (isFirstRun ? "nothing was written" : "nothing more was written"))
    }
}
