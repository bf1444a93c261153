/// How often a run writes checkpoints. It belongs to the machine: no number of the run depends on it.
public enum CheckpointSchedule: Hashable, Sendable {
    /// A checkpoint after every so many updates.
    case updates(Int)
    /// A checkpoint after every so many trained examples.
    case examples(Int)
    /// A checkpoint after every so many epochs, or after a part of one for a number below 1.
    case epochs(Double)
    /// A checkpoint when the last one is so many seconds old.
    case seconds(Double)
    /// A checkpoint at the end of an epoch when the last one is 10 seconds old, and within an epoch when it is 60
    /// seconds old.
    case usual

    /// Reads an interval such as "500 updates", "10000 examples", "1 epochs", "60 seconds", "10 minutes" or "1 hours"; nil
    /// for anything else.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let count = Double(digits), count > 0, count < 1e12 else { return nil }
        let whole = count == count.rounded() ? Int(count) : nil
        switch (String(text.dropFirst(digits.count).drop { $0 == " " }), whole) {
        case ("updates", let whole?), ("update", let whole?): self = .updates(whole)
        case ("examples", let whole?), ("example", let whole?): self = .examples(whole)
        case ("epochs", _), ("epoch", _): self = .epochs(count)
        case ("seconds", _), ("second", _): self = .seconds(count)
        case ("minutes", _), ("minute", _): self = .seconds(60 * count)
        case ("hours", _), ("hour", _): self = .seconds(3600 * count)
        default: return nil
        }
    }

    /// The place of a run in each unit that schedules count: updates, examples, and seconds of the clock.
    struct Place {
        var updates: Int
        var examples: Int
        var time: Double
    }

    /// Whether it is time for a checkpoint at `place`, when the last one was written, or tried, at `last`.
    func isDue(at place: Place, last: Place, endsEpoch: Bool, updatesPerEpoch: Int) -> Bool {
        switch self {
        case .updates(let count): place.updates / count > last.updates / count
        case .examples(let count): place.examples / count > last.examples / count
        case .epochs(let count):
            (Double(place.updates) / (count * Double(updatesPerEpoch))).rounded(.down)
                > (Double(last.updates) / (count * Double(updatesPerEpoch))).rounded(.down)
        case .seconds(let count): place.time - last.time >= count
        case .usual: place.time - last.time >= (endsEpoch ? 10 : 60)
        }
    }

    /// The most updates that may run from `place` before the next call of `isDue`; `batch` is the largest batch of the
    /// run.
    func updatesUntilDue(at place: Place, batch: Int, updatesPerEpoch: Int) -> Int {
        switch self {
        case .updates(let count): return count - place.updates % count
        case .examples(let count): return max((count - place.examples % count) / batch, 1)
        case .epochs(let count):
            let length = count * Double(updatesPerEpoch)
            let next = ((Double(place.updates) / length).rounded(.down) + 1) * length
            // the shortest lengths are as good as none, and the longest are beyond any run
            return next.isFinite ? max(Int(min(next.rounded(.up), 0x1p62)) - place.updates, 1) : 1
        case .seconds, .usual: return .max
        }
    }
}
