import KVArchive
import Synchronization

/// A vault that remembers in which order files were published.
struct OrderVault: Vault {
    final class Order: Sendable {
        private let list = Mutex<[String]>([])
        var names: [String] { list.withLock { $0 } }
        func append(_ name: String) { list.withLock { $0.append(name) } }
    }

    let order = Order()
    private let inner = MemoryVault()

    var location: String { inner.location }
    func contents(of folder: String) async throws -> VaultContents { try await inner.contents(of: folder) }
    func open(_ name: String, from offset: Int) async throws -> any VaultReader {
        try await inner.open(name, from: offset)
    }
    func create(_ name: String, onExisting: ExistingFile) async throws -> any VaultWriter {
        Writer(name: name, order: order, inner: try await inner.create(name, onExisting: onExisting))
    }
    func remove(_ name: String) async throws { try await inner.remove(name) }
    func removeFolder(_ folder: String) async throws { try await inner.removeFolder(folder) }
    func removeLeftovers(in folder: String) async throws { try await inner.removeLeftovers(in: folder) }
    func lock(_ folder: String) async throws -> any VaultLock { try await inner.lock(folder) }

    private final class Writer: VaultWriter {
        let name: String
        let order: Order
        let inner: any VaultWriter

        init(name: String, order: Order, inner: any VaultWriter) {
            self.name = name
            self.order = order
            self.inner = inner
        }

        func write(_ bytes: [UInt8]) async throws { try await inner.write(bytes) }
        func publish() async throws {
            try await inner.publish()
            order.append(name)
        }
        func abandon() async { await inner.abandon() }
    }
}
