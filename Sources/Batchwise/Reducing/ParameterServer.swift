#if canImport(Glibc)
    import Glibc
#endif

/// Parameters that several processes train together without waiting for each other: each reads them, computes a change
/// from its own examples, and adds that.
///
/// Numbers are read and added a few at a time: who reads while another adds may see some numbers with the change and some
/// without. Versions, which count whole changes, say how often that may have happened.
package protocol ParameterServer: AnyObject {
    /// The number of this process.
    var rank: Int { get }
    /// The most changes that a gradient may be late.
    var bound: Int { get }
    /// Puts the parameters in place, and hands out the next `updates` updates. All processes call it together, with the
    /// same numbers.
    func open(_ parameters: UnsafePointer<Float>, updates: Int, bound: Int)
    /// Reads and changes the clock, while no other process does.
    func withClock<Result: Sendable>(_ body: (inout ServerClock) -> Result) -> Result
    /// Reads the parameters, while others may add to them.
    func read(into parameters: UnsafeMutablePointer<Float>)
    /// Adds to the parameters, while others may read them and add to them; nothing is lost.
    func add(_ change: UnsafePointer<Float>)
    /// Reads the parameters after all changes. All processes call it together.
    func close(into parameters: UnsafeMutablePointer<Float>)
}

extension ParameterServer {
    /// Takes an update and reads the parameters; nil where all have been taken. Waits while the gradient could become
    /// staler than the bound.
    func takeUpdate(readingInto parameters: UnsafeMutablePointer<Float>) -> TakenUpdate? {
        guard let number = ask({ $0.takeUpdate(rank, bound: bound) }) else { return nil }
        read(into: parameters)
        return TakenUpdate(number: number, overlapsChange: withClock { $0.hasMoved(since: rank) })
    }

    /// Takes the next version for a change that this process has computed; returns its staleness. Waits while the gradient
    /// of another process would become staler than the bound.
    func takeVersion() -> Int { ask { $0.takeVersion(rank, bound: bound) } ?? 0 }

    /// Adds the change whose version has been taken.
    func finish(_ change: UnsafePointer<Float>) {
        add(change)
        withClock { $0.finishChange() }
    }

    /// Ends the updates before all have been taken, because one of them has failed.
    func stop() { withClock { $0.stop(rank) } }

    /// Asks until the answer is not to wait.
    private func ask(_ question: (inout ServerClock) -> ServerClock.Answer) -> Int? {
        while true {
            switch withClock(question) {
            case .number(let number): return number
            case .none: return nil
            case .wait: usleep(50)
            }
        }
    }
}

/// An update that a process has taken from a ``ParameterServer``.
struct TakenUpdate: Equatable {
    /// The number of the update, from 0, since the server was opened.
    var number: Int
    /// Whether another process was adding a change while the parameters were read.
    var overlapsChange: Bool
}
