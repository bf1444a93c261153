/// The places of an update's gradients, with backup workers: the first that ask for one get it, and the others' gradients
/// are dropped. One process reads and changes it at a time.
package struct BackupClock: Equatable {
    /// Updates that there are, and those whose parameters are in place.
    package var updates = 0
    package var made = 0
    /// Gradients that count in the next update, and those of them that are in the sum.
    package var begun = 0
    package var added = 0
    /// The examples of the gradients that count.
    package var examples = 0

    package init() {}

    /// The answer to a process.
    package enum Answer: Equatable {
        /// It must ask again.
        case wait
        /// There is nothing left.
        case none
        /// The number of an update.
        case number(Int)
    }

    /// The next update for a process that has computed a gradient for the update `last` before, or -1 for none.
    package func nextUpdate(after last: Int) -> Answer {
        guard made < updates else { return .none }
        return made > last ? .number(made) : .wait
    }

    /// Takes one of the `needed` places of an update for a gradient of so many examples; false where there is none left.
    package mutating func takePlace(_ update: Int, examples: Int, needed: Int) -> Bool {
        guard update == made, made < updates, begun < needed else { return false }
        begun += 1
        self.examples += examples
        return true
    }

    /// Counts a gradient that is in the sum; true for the last, whose process makes the update.
    package mutating func countAdded(needed: Int) -> Bool {
        added += 1
        return added == needed
    }

    /// Counts an update whose parameters are in place, and opens the places of the next.
    package mutating func countMade() {
        made += 1
        (begun, added, examples) = (0, 0, 0)
    }

    /// Ends the updates before all have been made.
    package mutating func stop() { updates = min(updates, made) }

    /// The numbers that processes keep for each other.
    package var words: [Int] {
        get { [updates, made, begun, added, examples] }
        set {
            (updates, made, begun, added, examples) = (newValue[0], newValue[1], newValue[2], newValue[3], newValue[4])
        }
    }
}
