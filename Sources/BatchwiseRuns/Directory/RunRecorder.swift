import Batchwise
import Foundations

/// What a run leaves in its directory while it goes on: a log of events, a checkpoint now and then.
///
/// A file that cannot be written, as on a full disk, does not end the run: that is said once, what was there stays, and
/// it is tried again when the next checkpoint is due. In the end everything must be written.
struct RunRecorder {
    private let checkpoints: CheckpointFolder
    private let schedule: CheckpointSchedule
    private let kept: Int
    private let batch: Int
    private let updatesPerEpoch: Int
    private var events: EventFile
    /// Where the last checkpoint was written, or tried.
    private var last = CheckpointSchedule.Place(updates: 0, examples: 0, time: now())
    /// The updates before the last one that was written.
    private(set) var written: Int?
    private var isFailing = false

    init(_ directory: RunDirectory, plan: Plan, options: RunOptions) {
        checkpoints = directory.checkpoints
        schedule = options.checkpoints
        kept = options.keptCheckpoints
        batch = plan.batch
        updatesPerEpoch = plan.updatesPerEpoch
        events = EventFile(path: directory.events)
    }

    /// The run goes on from this checkpoint, which is there.
    mutating func begin(at progress: TrainingProgress) {
        written = progress.updates
        last = Self.place(progress)
    }

    private static func place(_ progress: TrainingProgress) -> CheckpointSchedule.Place {
        .init(updates: progress.updates, examples: progress.examples, time: now())
    }

    var hasCheckpoint: Bool { written != nil }

    /// Updates that may go on before the next look at `isDue`.
    func updatesUntilDue(_ progress: TrainingProgress) -> Int {
        schedule.updatesUntilDue(at: Self.place(progress), batch: batch, updatesPerEpoch: updatesPerEpoch)
    }

    func isDue(_ progress: TrainingProgress) -> Bool {
        schedule.isDue(
            at: Self.place(progress), last: last, endsEpoch: progress.batch == 0, updatesPerEpoch: updatesPerEpoch)
    }

    // MARK: Events

    /// Adds an event, to be written later.
    mutating func add(_ event: RunEvent) { events.add(event) }

    /// Writes the events that wait.
    mutating func writeEvents() throws(FileError) { try events.write() }

    /// Writes the events that wait, and says if they cannot be written.
    mutating func tryToWriteEvents() -> String? {
        attempt { recorder throws(FileError) in try recorder.events.write() }
    }

    /// The same where the last time was a second ago.
    mutating func tryToWriteEventsIfDue() -> String? { events.isDue ? tryToWriteEvents() : nil }

    // MARK: Checkpoints

    /// Writes a checkpoint, and says if it cannot be written.
    mutating func tryToWrite(_ checkpoint: Checkpoint) -> String? {
        let notice = attempt { try $0.write(checkpoint) }
        last = Self.place(checkpoint.progress)
        return notice
    }

    /// Writes a checkpoint. The events before it are in the log then.
    mutating func write(_ checkpoint: Checkpoint) throws {
        try events.flush()
        let file = try checkpoints.write(checkpoint, keeping: kept)
        begin(at: checkpoint.progress)
        isFailing = false
        events.add(
            .checkpoint(
                .init(time: timestamp(), update: checkpoint.progress.updates, file: "checkpoints/\(file)")))
    }

    /// What to say where `body` fails and did not before.
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
