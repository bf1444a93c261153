/// The versions of a parameter server's parameters, and the processes that compute gradients at them. One process reads
/// and changes it at a time.
///
/// The staleness of a gradient is the number of changes between the version at which its parameters were read and the
/// version that its own change makes. With s versions begun, and gradients outstanding whose parameters were read at the
/// versions v_0 <= v_1 <= ..., the oldest can be added first: then none is staler than the bound where
///
///     s + i - v_i <= bound    for every i
///
/// A process takes a version or an update only where this still holds afterwards. So the oldest gradient can always be
/// added, and nobody waits for ever.
package struct ServerClock: Equatable {
    /// Updates that have been taken, and those that there are.
    package var taken = 0
    package var updates = 0
    /// Changes that have been begun, and those that are in place.
    package var begun = 0
    package var finished = 0
    /// For each process the version that its outstanding gradient was read at; -1 where it computes none.
    package var outstanding: [Int]

    package init(processes: Int) { outstanding = Array(repeating: -1, count: processes) }

    // MARK: The clock as it lies in memory

    package static func wordCount(_ processes: Int) -> Int { 4 + processes }

    package init(words: some RandomAccessCollection<Int>) {
        let first = words.startIndex
        func word(_ place: Int) -> Int { words[words.index(first, offsetBy: place)] }
        (taken, updates, begun, finished) = (word(0), word(1), word(2), word(3))
        outstanding = Array(words.dropFirst(4))
    }

    package var words: [Int] { [taken, updates, begun, finished] + outstanding }

    /// The answer to a process.
    package enum Answer: Equatable, Sendable {
        /// It must ask again.
        case wait
        /// There is nothing left.
        case none
        /// The number of an update, or the staleness of a gradient.
        case number(Int)
    }

    /// Takes an update for a process, which reads the parameters next.
    package mutating func takeUpdate(_ process: Int, bound: Int) -> Answer {
        guard taken < updates else { return .none }
        var next = self
        next.outstanding[process] = finished
        guard next.isWithin(bound) else { return .wait }
        next.taken += 1
        self = next
        return .number(taken - 1)
    }

    /// Whether changes have been begun after the version that a process has read, or not been in place then.
    package func hasMoved(since process: Int) -> Bool { begun != outstanding[process] }

    /// Takes a version for the change of a process, which adds it next.
    package mutating func takeVersion(_ process: Int, bound: Int) -> Answer {
        let version = outstanding[process]
        var next = self
        next.outstanding[process] = -1
        next.begun += 1
        let isOldest = !outstanding.contains { $0 >= 0 && $0 < version }
        guard isOldest || next.isWithin(bound) else { return .wait }
        self = next
        return .number(begun - 1 - version)
    }

    /// Counts a change that is in place.
    package mutating func finishChange() { finished += 1 }

    /// Gives up the update of a process, and hands out no more.
    package mutating func stop(_ process: Int) {
        outstanding[process] = -1
        updates = taken
    }

    private func isWithin(_ bound: Int) -> Bool {
        let versions = outstanding.filter { $0 >= 0 }.sorted()
        return zip(0..., versions).allSatisfy { begun + $0 - $1 <= bound }
    }
}
