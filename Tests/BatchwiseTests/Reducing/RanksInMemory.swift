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
    /// Whether a parameter server loses all changes, for the negative control.
    var losesChanges = false
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

    private final class Rank: Communicator {
        let rank: Int
        let ranks: RanksInMemory
        private var taken = 0
        var size: Int { ranks.size }

        init(_ rank: Int, _ ranks: RanksInMemory) {
            self.rank = rank
            self.ranks = ranks
        }

        func exchange(_ parts: PartList) { ranks.exchange(rank, parts) }
        func meet() { ranks.meet() }
        func allocate(bytes: Int) -> SharedMemory? {
            defer { taken += 1 }
            return ranks.memory(taken, bytes: bytes)
        }
        func server(floats: Int) throws(PlanError) -> any ParameterServer {
            // in small pieces, between which others may add
            guard let server = try SharedParameterServer(floats: floats, piece: 64, self) else {
                throw .mismatch("these ranks share no memory")
            }
            return ranks.losesChanges ? LosingServer(server) : server
        }
    }
}
