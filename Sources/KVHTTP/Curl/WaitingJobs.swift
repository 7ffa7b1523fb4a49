/// Jobs that wait for a connection, first come first served.
struct WaitingJobs {
    private var jobs: [CurlLoop.Job] = []
    /// Those before it are gone; they are cleared away together.
    private var first = 0

    var isEmpty: Bool { first == jobs.count }

    mutating func append(_ job: CurlLoop.Job) { jobs.append(job) }

    /// Takes the one that has waited longest.
    mutating func next() -> CurlLoop.Job? {
        guard first < jobs.count else { return nil }
        defer {
            first += 1
            if first == jobs.count || first > 1024 {
                jobs.removeSubrange(..<first)
                first = 0
            }
        }
        return jobs[first]
    }

    /// Takes one out of its turn, if it is still there.
    mutating func remove(_ id: UInt64) -> CurlLoop.Job? {
        guard let index = jobs[first...].firstIndex(where: { $0.id == id }) else { return nil }
        return jobs.remove(at: index)
    }
}
