import Synchronization

/// The pacers of this process: one for each holder of a limit.
package enum PacerRegistry {
    /// The API counts requests per user; the credentials are as close to that as a client can see.
    private struct Holder: Hashable {
        var host: String
        var credentials: Credentials
    }

    private struct Weak {
        weak var pacer: Pacer?
    }

    private static let pacers = Mutex<[Holder: Weak]>([:])

    /// The pacer for a client with these options; it lasts as long as somebody keeps it.
    package static func pacer(for options: KVClientOptions) -> Pacer {
        let host = BaseURL.host(of: options.baseURL).lowercased()
        let holder = Holder(host: host, credentials: options.credentials)
        return pacers.withLock { pacers in
            if let pacer = pacers[holder]?.pacer {
                pacer.tighten(by: options.pacing)
                return pacer
            }
            pacers = pacers.filter { $0.value.pacer != nil }
            let pacer = Pacer(policy: options.pacing, isCloudflare: isCloudflare(host), clock: options.clock)
            pacers[holder] = Weak(pacer: pacer)
            return pacer
        }
    }

    /// Whether Cloudflare's limit holds at a host.
    package static func isCloudflare(_ host: String) -> Bool {
        let name = host.split(separator: ":").first ?? ""
        return name.hasSuffix(".cloudflare.com")
    }
}
