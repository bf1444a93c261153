/// Parameters that several processes train together without waiting for each other: each reads them, computes a change
/// from its own examples, and adds that.
///
/// Every process keeps a shard of them. Numbers are added one by one: who reads while another adds may see some numbers
/// with the change and some without. Versions, which count whole changes, say how often that may have happened.
package protocol ParameterServer: AnyObject {
    /// Puts the parameters in place, and hands out the next `updates` updates. All processes call it together, with the
    /// same numbers.
    func open(_ parameters: UnsafePointer<Float>, updates: Int, bound: Int)
    /// Takes an update and reads the parameters; nil where all have been taken. Waits while the gradient could become
    /// staler than the bound.
    func pull(into parameters: UnsafeMutablePointer<Float>) -> PulledUpdate?
    /// Takes the next version for a change that this process has computed; returns its staleness. Waits while the gradient
    /// of another process would become staler than the bound.
    func takeVersion() -> Int
    /// Adds the change.
    func add(_ change: UnsafePointer<Float>)
    /// Ends the updates before all have been taken, because one of them has failed.
    func stop()
    /// Reads the parameters after all changes. All processes call it together.
    func close(into parameters: UnsafeMutablePointer<Float>)
}

/// An update that a process has taken from a ``ParameterServer``.
package struct PulledUpdate: Equatable {
    /// The number of the update, from 0, since the server was opened.
    package var number: Int
    /// Whether another process was adding a change while the parameters were read.
    package var overlapsChange: Bool

    package init(number: Int, overlapsChange: Bool) {
        self.number = number
        self.overlapsChange = overlapsChange
    }
}
