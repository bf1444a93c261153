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
    /// The number of bytes that each rank has received from others. The thread sanitizer does not see the lock of a Mutex.
    private(set) var received: [Int]
    /// Whether zeros take the place of what is exchanged, for the negative control.
    var keepsApart = false
    /// Whether all ranks work in the same memory where they may, as processes of one machine do.
    var sharesMemory: Bool {
        get { ranksPerMachine > 1 }
        set { ranksPerMachine = newValue ? size : 1 }
    }
    /// The ranks of a machine, which share memory; those of several machines exchange messages.
    var ranksPerMachine = 1
    private var machines: Int { (size + ranksPerMachine - 1) / ranksPerMachine }
    /// Whether a parameter server loses all changes, for the negative control.
    var losesChanges = false
    /// The memory that ranks share, in the order in which each takes it.
    private var shared: [Int: [SharedMemory]] = [:]

    init(_ size: Int) {
        self.size = size
        lists = Array(repeating: [], count: size)
        received = Array(repeating: 0, count: size)
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
                    own.machines = self.machines
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

    /// The memory that a rank takes as the `number`th, which is the same for all of its machine.
    private func memory(_ number: Int, of rank: Int, bytes: Int) -> SharedMemory? {
        guard sharesMemory else { return nil }
        condition.lock()
        defer { condition.unlock() }
        let machine = rank / ranksPerMachine
        if shared[machine, default: []].count == number {
            let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            shared[machine, default: []].append(SharedMemory(base, isFirst: true) { base.deallocate() })
        }
        return shared[machine].map { all in
            let memory = all[number]
            return SharedMemory(memory.base, isFirst: rank % ranksPerMachine == 0) { _ = memory }
        }
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
                condition.withLock { received[rank] += part.count }
            }
            place += 1
        }
        precondition(lists.allSatisfy { $0.count == place }, "ranks have listed other numbers of parts")
        meet()
    }

    // MARK: Messages

    /// The messages that have been sent and not received, for each pair of ranks and number of a delivery.
    private var posted: [[Int]: [[UInt8]]] = [:]

    private func begin(_ rank: Int, _ number: Int, _ sending: [Message], _ receiving: [Message]) -> any Delivery {
        condition.withLock {
            for message in sending {
                posted[[rank, message.process, number], default: []].append(Array(message.bytes))
            }
        }
        return Receipt(ranks: self, rank: rank, number: number, left: receiving)
    }

    private final class Receipt: Delivery {
        private let ranks: RanksInMemory
        private let rank, number: Int
        private var left: [Message]

        init(ranks: RanksInMemory, rank: Int, number: Int, left: [Message]) {
            (self.ranks, self.rank, self.number, self.left) = (ranks, rank, number, left)
        }

        func isDone() -> Bool {
            while let message = left.first {
                let key = [message.process, rank, number]
                let found = ranks.condition.withLock { () -> [UInt8]? in
                    ranks.posted[key]?.isEmpty == false ? ranks.posted[key]?.removeFirst() : nil
                }
                guard var found else { return false }
                precondition(found.count == message.bytes.count, "a message of another length: \(key)")
                if ranks.keepsApart { found = Array(repeating: 0, count: found.count) }
                message.bytes.copyBytes(from: found)
                ranks.bytes.add(found.count, ordering: .relaxed)
                ranks.condition.withLock { ranks.received[rank] += found.count }
                left.removeFirst()
            }
            return true
        }

        func wait() { while !isDone() { usleep(10) } }
    }

    /// A parameter server that loses all changes, for the negative control.
    private final class LosingServer: ParameterServer {
        private let server: SharedParameterServer
        var rank: Int { server.rank }
        var bound: Int { server.bound }

        init(_ server: SharedParameterServer) { self.server = server }

        func open(_ parameters: UnsafePointer<Float>, updates: Int, bound: Int) {
            server.open(parameters, updates: updates, bound: bound)
        }
        func withClock<Result: Sendable>(_ body: (inout ServerClock) -> Result) -> Result { server.withClock(body) }
        func read(into parameters: UnsafeMutablePointer<Float>) { server.read(into: parameters) }
        func add(_ change: UnsafePointer<Float>) {}
        func close(into parameters: UnsafeMutablePointer<Float>) { server.close(into: parameters) }
    }

    /// The vectors and the clock of backup workers.
    struct BackedUp: Sendable {
        var vectors: [[Float]] = []
        var clock = BackupClock()
    }
    let backedUp = Mutex<BackedUp>(BackedUp())

    private final class Backup: BackupMemory {
        let rank: Int
        let ranks: RanksInMemory
        let floats: Int

        init(_ rank: Int, _ ranks: RanksInMemory, _ floats: Int) {
            (self.rank, self.ranks, self.floats) = (rank, ranks, floats)
            ranks.backedUp.withLock {
                if $0.vectors.isEmpty {
                    $0.vectors = Array(repeating: Array(repeating: 0, count: floats), count: 3)
                }
            }
        }

        func withClock<Result>(_ body: (inout BackupClock) -> Result) -> Result {
            var clock = BackupClock()
            return ranks.backedUp.withLock { shared in
                clock = shared.clock
                defer { shared.clock = clock }
                return Sealed(body(&clock))
            }.value
        }

        /// The result of a body that runs behind a lock.
        private struct Sealed<Value>: @unchecked Sendable {
            let value: Value
            init(_ value: Value) { self.value = value }
        }

        // in pieces, between which others may write
        func read(_ vector: Int, into numbers: UnsafeMutablePointer<Float>) {
            for first in stride(from: 0, to: floats, by: 64) {
                let part = ranks.backedUp.withLock { Array($0.vectors[vector][first..<min(first + 64, floats)]) }
                for (place, number) in part.enumerated() { numbers[first + place] = number }
            }
        }

        func write(_ vector: Int, _ numbers: UnsafePointer<Float>) {
            for first in stride(from: 0, to: floats, by: 64) {
                let part = Array(UnsafeBufferPointer(start: numbers + first, count: min(64, floats - first)))
                ranks.backedUp.withLock { $0.vectors[vector].replaceSubrange(first..<first + part.count, with: part) }
            }
        }

        func add(_ numbers: UnsafePointer<Float>, to vector: Int) {
            for first in stride(from: 0, to: floats, by: 64) {
                let part = Array(UnsafeBufferPointer(start: numbers + first, count: min(64, floats - first)))
                ranks.backedUp.withLock { shared in
                    for (place, number) in part.enumerated() { shared.vectors[vector][first + place] += number }
                }
            }
        }

        func pause() { usleep(10) }
        func meet() { ranks.meet() }
    }

    private final class Rank: Communicator {
        let rank: Int
        let ranks: RanksInMemory
        private var taken = 0
        var size: Int { ranks.size }
        var machines: Int { ranks.machines }
        func sharesMemory(with other: Int) -> Bool { other / ranks.ranksPerMachine == rank / ranks.ranksPerMachine }

        init(_ rank: Int, _ ranks: RanksInMemory) {
            self.rank = rank
            self.ranks = ranks
        }

        func exchange(_ parts: PartList) { ranks.exchange(rank, parts) }
        /// The exchanges that are under way. Own parts are copied at once, so that what is computed later does not reach
        /// others.
        private var underWay: [any Delivery] = []
        func begin(_ parts: PartList) {
            guard machines > 1 else { return exchange(parts) }
            var (sending, receiving) = ([Message](), [Message]())
            parts { owner, part in
                if owner != rank { return receiving.append(Message(process: owner, bytes: part)) }
                for other in 0..<size where other != rank { sending.append(Message(process: other, bytes: part)) }
            }
            underWay.append(ranks.begin(rank, -1, sending, receiving))
        }
        func finishExchanges() {
            for exchange in underWay { exchange.wait() }
            underWay = []
            if machines > 1 { ranks.meet() }
        }
        func begin(_ number: Int, sending: [Message], receiving: [Message]) -> any Delivery {
            ranks.begin(rank, number, sending, receiving)
        }
        func meet() { ranks.meet() }
        func allocate(bytes: Int) -> SharedMemory? {
            defer { taken += 1 }
            return ranks.memory(taken, of: rank, bytes: bytes)
        }
        func server(floats: Int) throws(PlanError) -> any ParameterServer {
            // in small pieces, between which others may add
            guard let server = try SharedParameterServer(floats: floats, piece: 64, self) else {
                throw .mismatch("these ranks share no memory")
            }
            return ranks.losesChanges ? LosingServer(server) : server
        }
        func backupMemory(floats: Int) -> any BackupMemory { Backup(rank, ranks, floats) }
    }
}
