import Glibc

/// A file in memory in which a worker leaves what it is doing: it outlives the worker, however that ends.
final class InputSlot {
    /// The longest input that fits.
    private static let inputBytes = 1 << 20
    private static let headerBytes = 32

    let path: String
    private let base: UnsafeMutableRawPointer
    private var bytes: Int { Self.headerBytes + Self.inputBytes }

    /// Opens a slot, which is made if it is not there.
    init(path: String) throws {
        self.path = path
        base = try Self.map(path)
    }

    private static func map(_ path: String) throws -> UnsafeMutableRawPointer {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Violation("\(path) cannot be opened") }
        let isLongEnough = ftruncate(descriptor, headerBytes + inputBytes) == 0
        let base = mmap(nil, headerBytes + inputBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        close(descriptor)
        guard isLongEnough, let base, base != MAP_FAILED else { throw Violation("\(path) cannot be mapped") }
        return base
    }

    deinit { munmap(base, bytes) }

    /// A slot for one worker, in memory where the system has a folder for that.
    static func temporary() throws -> InputSlot {
        let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        return try InputSlot(path: "\(folder)/kvark-fuzz-\(getpid())-\(UInt64.random(in: 0...(.max)))")
    }

    func remove() { unlink(path) }

    /// How many inputs were begun.
    var inputs: Int {
        get { base.load(fromByteOffset: 0, as: Int.self) }
        set { base.storeBytes(of: newValue, toByteOffset: 0, as: Int.self) }
    }

    /// How many different outcomes there were.
    var outcomes: Int {
        get { base.load(fromByteOffset: 8, as: Int.self) }
        set { base.storeBytes(of: newValue, toByteOffset: 8, as: Int.self) }
    }

    /// How many inputs were kept to go on from.
    var kept: Int {
        get { base.load(fromByteOffset: 16, as: Int.self) }
        set { base.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
    }

    /// The input that was begun last.
    var input: [UInt8] {
        get {
            let count = min(max(0, base.load(fromByteOffset: 24, as: Int.self)), Self.inputBytes)
            return Array(UnsafeRawBufferPointer(start: base + Self.headerBytes, count: count))
        }
        set {
            let count = min(newValue.count, Self.inputBytes)
            base.storeBytes(of: count, toByteOffset: 24, as: Int.self)
            newValue.withUnsafeBytes { source in
                if let start = source.baseAddress { memcpy(base + Self.headerBytes, start, count) }
            }
        }
    }
}
