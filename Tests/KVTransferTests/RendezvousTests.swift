import KVTestSupport
import KVTransfer
import Synchronization
import Testing

@Suite struct RendezvousTests {
    /// What two tasks did at one place: every order of send, receive and their cancellations comes down to these.
    enum Step: CaseIterable { case send, receive, cancelSender, cancelReceiver }

    /// Every order of the four steps.
    static let orders: [[Step]] = permutations(Step.allCases)

    private static func permutations(_ steps: [Step]) -> [[Step]] {
        guard steps.count > 1 else { return [steps] }
        return steps.indices.flatMap { index in
            var rest = steps
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    @Test(arguments: orders)
    func `an element is taken exactly if it was sent, in every order of cancellations`(order: [Step]) async throws {
        let place = Rendezvous<Int>()
        let (maySend, mayReceive) = (Gate(), Gate())
        let sender = Task {
            await maySend.opened()
            try await place.send(7)
        }
        let receiver = Task {
            await mayReceive.opened()
            return try await place.receive()
        }
        for step in order {
            switch step {
            case .send: maySend.open()
            case .receive: mayReceive.open()
            case .cancelSender: sender.cancel()
            case .cancelReceiver: receiver.cancel()
            }
            // Lets a step take effect before the next, as far as it can by itself.
            for _ in 0..<50 where !place.hasOffer && !place.isWanted { await Task.yield() }
        }

        let (sent, received) = (await sender.result, await receiver.result)
        switch (sent, received) {
        case (.success, .success(let element)): #expect(element == 7)
        case (.failure(let one), .failure(let other)):
            #expect(one is CancellationError && other is CancellationError)
        default: Issue.record("sent: \(sent), received: \(received)")
        }
        #expect(!place.hasOffer && !place.isWanted)
    }

    @Test func `a sender that waits is let go by its cancellation, and the next element is its own`() async throws {
        let place = Rendezvous<Int>()
        let first = Task { try await place.send(1) }
        while !place.hasOffer { await Task.yield() }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        async let second: Void = place.send(2)
        #expect(try await place.receive() == 2)
        try await second
    }

    @Test func `a receiver that waits is let go by its cancellation, and takes nothing with it`() async throws {
        let place = Rendezvous<Int>()
        let first = Task { try await place.receive() }
        while !place.isWanted { await Task.yield() }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        async let sent: Void = place.send(3)
        #expect(try await place.receive() == 3)
        try await sent
    }

    @Test func `a task that is cancelled before neither sends nor takes`() async throws {
        let place = Rendezvous<Int>()
        let early = Gate()
        let sender = Task {
            await early.opened()
            try await place.send(1)
        }
        sender.cancel()
        early.open()
        await #expect(throws: CancellationError.self) { try await sender.value }
        let receiver = Task {
            await early.opened()
            return try await place.receive()
        }
        receiver.cancel()
        await #expect(throws: CancellationError.self) { try await receiver.value }
    }

    @Test func `twenty thousand elements under random cancellations arrive once each, in order`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        let place = Rendezvous<Int>()
        let cancelsSender = (0..<20_000).map { _ in Int.random(in: 0..<4, using: &random) == 0 }
        let cancelsReceiver = (0..<20_000).map { _ in Int.random(in: 0..<4, using: &random) == 0 }
        async let sent: [Int] = {
            var sent: [Int] = []
            for (element, cancels) in cancelsSender.enumerated() {
                let attempt = Task { try await place.send(element) }
                if cancels { attempt.cancel() }
                if case .success = await attempt.result { sent.append(element) }
            }
            try await place.send(-1)
            return sent
        }()
        var received: [Int] = []
        for turn in 0... {
            let attempt = Task { try await place.receive() }
            if cancelsReceiver[turn % cancelsReceiver.count] { attempt.cancel() }
            guard case .success(let element) = await attempt.result else { continue }
            if element < 0 { break }
            received.append(element)
        }
        #expect(try await sent == received, "seed \(seed)")
        #expect(received.count > 10_000)
    }
}

/// Opened once, for whoever waits.
private final class Gate: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

    func open() { continuation.finish() }

    /// Returns once it is open, whether the task is cancelled or not.
    func opened() async {
        // A cancelled task would not wait here; it takes a task of its own, which nobody cancels.
        await Task { for await _ in stream {} }.value
    }
}
