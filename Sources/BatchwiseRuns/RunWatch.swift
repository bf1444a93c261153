import Batchwise

/// Watches a run while it trains: at marks its model is compared with examples, and the events of its log are told, upon
/// which the run may end.
///
/// Marks are the ends of epochs, and updates 5% apart: all up to 40, then 42, 44, and so on. They depend on the number of
/// the update alone, so a run that was interrupted is looked at after the same updates. Evaluations change no bit of the
/// run, and their time is no training time.
package struct RunWatch {
    /// The parts of the data that the model is compared with at marks.
    package var parts: [RunEvent.Evaluated.Part]
    /// Receives the logged events of updates, epochs and evaluations; returns whether the run ends here.
    package var endsRun: (RunEvent) -> Bool

    package init(parts: [RunEvent.Evaluated.Part], endsRun: @escaping (RunEvent) -> Bool) {
        self.parts = parts
        self.endsRun = endsRun
    }

    /// The first mark after so many updates, ends of epochs aside.
    package static func mark(after updates: Int) -> Int {
        var mark = 1
        while mark <= updates { mark += max(1, mark / 20) }
        return mark
    }

    /// The most updates that may run before the model is looked at.
    func updatesUntilMark(_ progress: TrainingProgress) -> Int {
        parts.isEmpty ? .max : Self.mark(after: progress.updates) - progress.updates
    }

    /// Whether the model is looked at after this update.
    func isMark(_ update: Int) -> Bool { !parts.isEmpty && Self.mark(after: update - 1) == update }
}
