import Foundation
import Synchronization

@testable import Batchwise

/// Several ranks in this process, each with parameters, optimizer, threads and arenas of its own. A rank knows only
/// those numbers of other ranks that have gone through `Communicator.exchange`.
final class RanksInMemory: @unchecked Sendable {
    let size: Int
    /// The parts that each rank has listed.
    private var lists: [[UnsafeMutableRawBufferPointer]]
    private var waiting = 0
    private var meeting = 0
    private let condition = NSCondition()
    /// The number of bytes that have gone from one rank to another.
    let bytes = Atomic<Int>(0)
    /// The number of bytes that each rank has received from others.
    let received: Mutex<[Int]>
    /// Whether zeros take the place of what is exchanged, for the negative control.
    var keepsApart = false
    /// Whether all ranks work in the same memory where they may, as processes of one machine do.
    var sharesMemory = false
    /// The parameters and the clock of a parameter server.
    let served = Mutex<Served>(Served())
    /// The messages on their way, by sender and receiver.
    private var messages: [Mail: [[UInt8]]] = [:]
    private struct Mail: Hashable {
        var sender, receiver: Int
        var kind: MailKind
    }
    private enum MailKind { case rows, sums }
    /// The memory that ranks share, in the order in which each takes it.
    private var shared: [SharedMemory] = []

    init(_ size: Int) {
        self.size = size
        lists = Array(repeating: [], count: size)
        received = Mutex(Array(repeating: 0, count: size))
    }

    /// Runs a recipe on all ranks at once, and returns the result of `body` for each rank.
    func train<Result: Sendable>(
        _ recipe: Recipe, _ data: Dataset, _ machine: Machine, validation: Dataset? = nil,
        quantities: [any Quantity] = [], body: @escaping @Sendable (inout Trainer) throws -> Result
    ) throws -> [Result] {
        let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
        let group = DispatchGroup()
        for rank in 0..<size {
            group.enter()
            Thread.detachNewThread {
                let found = Swift.Result {
                    var own = machine
                    (own.rank, own.ranks) = (rank, self.size)
                    own.machines = self.sharesMemory ? 1 : self.size
                    let prepared = try Trainer.prepare(
                        recipe, data: data, validation: validation, machine: own, quantities: quantities)
                    var trainer = try Trainer(prepared, communicator: Rank(rank, self))
                    return try body(&trainer)
                }
                results.withLock { $0[rank] = found }
                group.leave()
            }
        }
        group.wait()
        return try results.withLock { found in try (0..<size).map { try found[$0]!.get() } }
    }

    private func meet() {
        condition.lock()
        defer { condition.unlock() }
        waiting += 1
        let own = meeting
        if waiting == size {
            (waiting, meeting) = (0, meeting + 1)
            condition.broadcast()
        }
        while meeting == own { condition.wait() }
    }

    /// The memory that a rank takes as the `number`th, which is the same for all.
    private func memory(_ number: Int, bytes: Int) -> SharedMemory? {
        guard sharesMemory else { return nil }
        condition.lock()
        defer { condition.unlock() }
        if shared.count == number {
            let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            shared.append(SharedMemory(base) { base.deallocate() })
        }
        return shared[number]
    }

    private func exchange(_ rank: Int, _ parts: PartList) {
        var own: [UnsafeMutableRawBufferPointer] = []
        parts { _, part in own.append(part) }
        condition.withLock { lists[rank] = own }
        meet()
        var place = 0
        parts { owner, part in
            let other = lists[owner][place]
            precondition(
                other.count == part.count,
                "rank \(owner) has another part \(place): \(other.count) bytes, not \(part.count)")
            if owner != rank, keepsApart {
                part.initializeMemory(as: UInt8.self, repeating: 0)
            } else if owner != rank, part.baseAddress != other.baseAddress {
                part.copyMemory(from: UnsafeRawBufferPointer(other))
                bytes.add(part.count, ordering: .relaxed)
                received.withLock { $0[rank] += part.count }
            }
            place += 1
        }
        precondition(lists.allSatisfy { $0.count == place }, "ranks have listed other numbers of parts")
        meet()
    }

    private func send(_ bytes: [UInt8], from rank: Int, to other: Int, _ kind: MailKind) {
        condition.withLock {
            messages[Mail(sender: rank, receiver: other, kind: kind), default: []].append(bytes)
            condition.broadcast()
        }
    }

    private func receive(
        _ memory: UnsafeMutableRawBufferPointer, from rank: Int, by other: Int, _ kind: MailKind
    ) {
        let mail = Mail(sender: rank, receiver: other, kind: kind)
        condition.lock()
        while messages[mail, default: []].isEmpty { condition.wait() }
        let message = messages[mail]!.removeFirst()
        condition.unlock()
        precondition(message.count == memory.count, "\(message.count) bytes were sent, and \(memory.count) expected")
        if keepsApart {
            memory.initializeMemory(as: UInt8.self, repeating: 0)
        } else {
            memory.copyBytes(from: message)
        }
        bytes.add(message.count, ordering: .relaxed)
        received.withLock { $0[other] += message.count }
    }

    /// The state of a parameter server.
    struct Served: Sendable {
        var parameters: [Float] = []
        var clock = ServerClock(processes: 0)
        /// Whether changes are lost, for the negative control.
        var losesChanges = false
    }

    private final class Server: ParameterServer {
        let rank: Int
        let ranks: RanksInMemory
        let floats: Int
        private var bound = 0

        init(_ rank: Int, _ ranks: RanksInMemory, _ floats: Int) {
            (self.rank, self.ranks, self.floats) = (rank, ranks, floats)
        }

        func open(_ parameters: UnsafePointer<Float>, updates: Int, bound: Int) {
            self.bound = bound
            if rank == 0 {
                let values = Array(UnsafeBufferPointer(start: parameters, count: floats))
                ranks.served.withLock {
                    $0.parameters = values
                    $0.clock = ServerClock(processes: ranks.size)
                    $0.clock.updates = updates
                }
            }
            ranks.meet()
        }

        private func ask(_ question: (inout ServerClock) -> ServerClock.Answer) -> Int? {
            while true {
                switch ranks.served.withLock({ question(&$0.clock) }) {
                case .number(let number): return number
                case .none: return nil
                case .wait: usleep(10)
                }
            }
        }

        private func read(into parameters: UnsafeMutablePointer<Float>) {
            // in pieces, between which others may add
            for first in stride(from: 0, to: floats, by: 64) {
                let part = ranks.served.withLock { Array($0.parameters[first..<min(first + 64, floats)]) }
                for (place, number) in part.enumerated() { parameters[first + place] = number }
            }
        }

        func pull(into parameters: UnsafeMutablePointer<Float>) -> PulledUpdate? {
            guard let number = ask({ $0.takeUpdate(rank, bound: bound) }) else { return nil }
            read(into: parameters)
            return PulledUpdate(
                number: number, overlapsChange: ranks.served.withLock { $0.clock.hasMoved(since: rank) })
        }

        func takeVersion() -> Int { ask { $0.takeVersion(rank, bound: bound) } ?? 0 }

        func add(_ change: UnsafePointer<Float>) {
            for first in stride(from: 0, to: floats, by: 64) {
                let part = Array(UnsafeBufferPointer(start: change + first, count: min(64, floats - first)))
                ranks.served.withLock { served in
                    guard !served.losesChanges else { return }
                    for (place, number) in part.enumerated() { served.parameters[first + place] += number }
                }
            }
            ranks.served.withLock { $0.clock.finishChange() }
        }

        func stop() { ranks.served.withLock { $0.clock.stop(rank) } }

        func close(into parameters: UnsafeMutablePointer<Float>) {
            ranks.meet()
            read(into: parameters)
            ranks.meet()
        }
    }

    private final class Rank: Communicator {
        let rank: Int
        let ranks: RanksInMemory
        private var taken = 0
        var size: Int { ranks.size }
        var machines: Int { ranks.sharesMemory ? 1 : ranks.size }
        private var asked: [(memory: UnsafeMutableRawBufferPointer, rank: Int)] = []

        init(_ rank: Int, _ ranks: RanksInMemory) {
            self.rank = rank
            self.ranks = ranks
        }

        func exchange(_ parts: PartList) { ranks.exchange(rank, parts) }
        /// The parts of others that are on their way, in the order in which they were begun. Own parts are copied at once,
        /// so that what is computed later does not reach others.
        private var underWay: [(owner: Int, part: UnsafeMutableRawBufferPointer)] = []
        func begin(_ parts: PartList) {
            guard machines > 1 else { return exchange(parts) }
            parts { owner, part in
                if owner != rank {
                    underWay.append((owner, part))
                } else {
                    for other in 0..<size where other != rank { ranks.send(Array(part), from: rank, to: other, .rows) }
                }
            }
        }
        func finishExchanges() {
            for (owner, part) in underWay { ranks.receive(part, from: owner, by: rank, .rows) }
            underWay = []
            if machines > 1 { ranks.meet() }
        }
        func receive(_ memory: UnsafeMutableRawBufferPointer, from rank: Int) { asked.append((memory, rank)) }
        func awaitReceived() {
            let (memory, other) = asked.removeFirst()
            ranks.receive(memory, from: other, by: rank, .sums)
        }
        func send(_ memory: UnsafeRawBufferPointer, to other: Int) {
            ranks.send(Array(memory), from: rank, to: other, .sums)
        }
        func awaitSent() {}
        func meet() { ranks.meet() }
        func allocate(bytes: Int) -> SharedMemory? {
            defer { taken += 1 }
            return ranks.memory(taken, bytes: bytes)
        }
        func server(floats: Int) -> any ParameterServer { Server(rank, ranks, floats) }
    }
}
