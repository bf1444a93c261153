/// Tells from the records of a run whether it hangs: whether it has been silent for too long.
///
/// The limit holds for updates. It is ten times as long where the first process loads, evaluates or writes, which no update
/// interrupts; never less than ten times the longest silence that ended well; and twice as long after every hang, which may
/// have been slow work.
package struct HangDetector: Sendable {
    private let limit: Double
    private static let patience = 10.0
    private var factor = 1.0
    private var record: LaunchRecord?
    private var since: Double
    /// The longest silence of each phase that ended well.
    private var longest: [LaunchRecord.Phase: Double] = [:]

    /// - Parameter limit: the most seconds between two signs of life while the run trains; 0: no limit.
    package init(limit: Double, at time: Double) {
        self.limit = limit
        since = time
    }

    /// The seconds of silence that count as a hang of this phase.
    package func allowed(_ phase: LaunchRecord.Phase) -> Double {
        let usual = phase == .training ? limit : Self.patience * limit
        return factor * max(usual, Self.patience * (longest[phase] ?? 0))
    }

    /// A new start begins.
    package mutating func begin(_ record: LaunchRecord, at time: Double) {
        self.record = record
        since = time
    }

    /// Looks at the newest record; returns the seconds of silence where they are too many.
    package mutating func silence(_ newest: LaunchRecord?, at time: Double) -> Double? {
        guard limit > 0 else { return nil }
        let silence = time - since
        guard let record, let newest, newest.start == record.start, newest != record else {
            // a record that cannot be read, or of a start before, is no sign of life
            guard silence > allowed(record?.phase ?? .starting) else { return nil }
            factor *= 2
            return silence
        }
        longest[record.phase] = max(longest[record.phase] ?? 0, silence)
        self.record = newest
        since = time
        return nil
    }
}
