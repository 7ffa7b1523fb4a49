import Foundation
import Glibc

/// A look-up of a name that takes as long as a test wants.
///
/// For a name without dots, the system's library opens the file of aliases that the environment names, and with a pipe for
/// that file it waits until somebody opens the other end. Only for processes that a test has for itself.
struct NameGate {
    /// An address whose look-up waits.
    static let url = "http://held:81/"

    private let path: String

    init() throws {
        // A look-up that nothing ends would also keep its process for ever.
        alarm(40)
        path = NSTemporaryDirectory() + "kvark-aliases-\(UUID().uuidString)"
        guard mkfifo(path, 0o600) == 0, setenv("HOSTALIASES", path, 1) == 0 else {
            throw PeerProcess.Failure(description: "no pipe for a test: error \(errno)")
        }
    }

    /// Waits until somebody looks a name up, and holds the look-up from then on, to the end of the process.
    func asked() async throws {
        // Fails as long as nobody reads. It stays open.
        try await eventually { open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC) >= 0 }
        unlink(path)
    }
}
