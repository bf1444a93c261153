import Batchwise
import Foundations

/// Writes the log and the checkpoints of a run while it trains.
///
/// A file that cannot be written, as on a full disk, does not end the run: a notice says so once, the old file stays,
/// and writing is tried again when the next checkpoint is due. At the end of the run everything must be written.
struct RunRecorder {
    private let checkpoints: CheckpointFolder
    private let schedule: CheckpointSchedule
    private let kept: Int
    private let isWritten: Bool
    private let batch: Int
    private let updatesPerEpoch: Int
    private var events: EventFile
    /// The place of the run when a checkpoint was last written, or tried.
    private var last = CheckpointSchedule.Place(updates: 0, examples: 0, time: now())
    /// The number of updates before the last checkpoint that was written; nil before the first.
    private(set) var written: Int?
    private var isFailing = false

    init(_ directory: RunDirectory, plan: Plan, options: RunOptions) {
        checkpoints = directory.checkpoints
        schedule = options.checkpoints
        kept = options.keptCheckpoints
        isWritten = directory.isWritten
        batch = plan.batch
        updatesPerEpoch = plan.updatesPerEpoch
        events = EventFile(path: directory.events)
    }

    /// Begins at a checkpoint that is on the disk already.
    mutating func begin(at progress: TrainingProgress) {
        written = progress.updates
        last = Self.place(progress)
    }

    private static func place(_ progress: TrainingProgress) -> CheckpointSchedule.Place {
        .init(updates: progress.updates, examples: progress.examples, time: now())
    }

    var hasCheckpoint: Bool { written != nil }

    /// The most updates that may run before the next call of `isDue`.
    func updatesUntilDue(_ progress: TrainingProgress) -> Int {
        schedule.updatesUntilDue(at: Self.place(progress), batch: batch, updatesPerEpoch: updatesPerEpoch)
    }

    func isDue(_ progress: TrainingProgress) -> Bool {
        schedule.isDue(
            at: Self.place(progress), last: last, endsEpoch: progress.batch == 0, updatesPerEpoch: updatesPerEpoch)
    }

    // MARK: Events

    /// Adds an event, to be written later.
    mutating func add(_ event: RunEvent) { if isWritten { events.add(event) } }

    /// Writes the events that wait.
    mutating func writeEvents() throws(FileError) { try events.write() }

    /// Writes the events that wait; returns a notice if they cannot be written.
    mutating func tryToWriteEvents() -> String? {
        attempt { recorder throws(FileError) in try recorder.events.write() }
    }

    /// Writes the events that wait if the last time was a second ago; returns a notice if they cannot be written.
    mutating func tryToWriteEventsIfDue() -> String? { events.isDue ? tryToWriteEvents() : nil }

    // MARK: Checkpoints

    /// Writes a checkpoint; returns a notice if it cannot be written.
    mutating func tryToWrite(_ checkpoint: Checkpoint) -> String? {
        let notice = attempt { try $0.write(checkpoint) }
        last = Self.place(checkpoint.progress)
        return notice
    }

    /// Writes a checkpoint, after all events before it are on the disk.
    mutating func write(_ checkpoint: Checkpoint) throws {
        guard isWritten else { return begin(at: checkpoint.progress) }
        try events.flush()
        let file = try checkpoints.write(checkpoint, keeping: kept)
        begin(at: checkpoint.progress)
        isFailing = false
        events.add(
            .checkpoint(
                .init(time: timestamp(), update: checkpoint.progress.updates, file: "checkpoints/\(file)")))
    }

    /// Runs `body`; returns a notice at its first failure since a checkpoint was last written.
    private mutating func attempt(_ body: (inout RunRecorder) throws -> Void) -> String? {
        do {
            try body(&self)
            return nil
        } catch {
            defer { isFailing = true }
            let place = written.map { "the checkpoint of update \($0) stays" } ?? "there is no checkpoint yet"
            return isFailing ? nil : "\(error): training goes on, and writing is tried again; \(place)"
        }
    }
}
