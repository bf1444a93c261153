/// Parameters that several processes train with backup workers: an update takes the sum of the first gradients that are
/// ready, and the process that adds the last of them makes the update.
///
/// Parameters lie in two vectors in turn, so that nobody reads those that are being written: a process that still reads
/// older ones computes a gradient that has no place any more.
final class BackupServer {
    private let memory: any BackupMemory
    /// The last update that this process has computed a gradient for.
    private var last = -1

    /// The vectors of the memory.
    private static let sum = 2

    init(_ memory: any BackupMemory) { self.memory = memory }

    /// Puts the parameters in place for so many updates. All processes call it together, with the same numbers.
    func open(_ parameters: UnsafePointer<Float>, zeros: UnsafePointer<Float>, updates: Int) {
        last = -1
        if memory.rank == 0 {
            memory.write(0, parameters)
            memory.write(Self.sum, zeros)
            memory.withClock { clock in
                clock = BackupClock()
                clock.updates = updates
            }
        }
        memory.meet()
    }

    /// Waits for the next update, and reads its parameters; nil where all have been made.
    func pull(into parameters: UnsafeMutablePointer<Float>) -> Int? {
        while true {
            switch memory.withClock({ $0.nextUpdate(after: last) }) {
            case .none: return nil
            case .wait: memory.pause()
            case .number(let number):
                last = number
                memory.read(number % 2, into: parameters)
                return number
            }
        }
    }

    /// Whether a gradient for this update would still have a place.
    func hasPlace(_ update: Int) -> Bool { memory.withClock { $0.nextUpdate(after: update - 1) } == .number(update) }

    /// Adds a change to the sum of an update; false where the update has its `needed` changes already.
    ///
    /// - Parameters:
    ///   - change: the change of the parameters by this process's examples alone, times their number. It is overwritten.
    ///   - parameters: those of the update, which have been pulled.
    func add(
        _ change: UnsafeMutablePointer<Float>, count: Int, examples: Int, to update: Int, needed: Int,
        at parameters: UnsafePointer<Float>
    ) -> Bool {
        guard memory.withClock({ $0.takePlace(update, examples: examples, needed: needed) }) else { return false }
        memory.add(change, to: Self.sum)
        guard memory.withClock({ $0.countAdded(needed: needed) }) else { return true }
        // nobody else reads or writes the sum and the other parameters until the update is counted
        let total = Float(memory.withClock { $0.examples })
        memory.read(Self.sum, into: change)
        for place in 0..<count { change[place] = parameters[place] + change[place] / total }
        memory.write((update + 1) % 2, change)
        change.update(repeating: 0, count: count)
        memory.write(Self.sum, change)
        memory.withClock { $0.countMade() }
        return true
    }

    /// Ends the updates before all have been made, because one of them has failed.
    func stop() { memory.withClock { $0.stop() } }

    /// Reads the parameters after all updates. All processes call it together.
    func close(into parameters: UnsafeMutablePointer<Float>) {
        memory.meet()
        memory.read(memory.withClock { $0.made } % 2, into: parameters)
        memory.meet()
    }
}

/// The memory of a ``BackupServer``: three vectors of parameters and a clock, which every process reads and changes without
/// the help of the others.
package protocol BackupMemory: AnyObject {
    var rank: Int { get }
    /// Reads, changes and writes the clock, while no other process does.
    func withClock<Result>(_ body: (inout BackupClock) -> Result) -> Result
    func read(_ vector: Int, into numbers: UnsafeMutablePointer<Float>)
    func write(_ vector: Int, _ numbers: UnsafePointer<Float>)
    /// Adds to a vector, number by number, while others may add too.
    func add(_ numbers: UnsafePointer<Float>, to vector: Int)
    /// Lets other processes work for a moment.
    func pause()
    /// Returns when all processes have come here.
    func meet()
}
