import Foundation
import Foundations

/// The events of a run in their order, as `events.jsonl` has them.
///
/// ```swift
/// for case .epoch(let epoch) in try RunLog(of: "runs/digits").events {
///     print(epoch.epoch, epoch.trainLoss ?? .nan)
/// }
/// ```
/// Where the run was resumed from a checkpoint, earlier events of later updates are left out: the resumed run computed
/// those updates again. A line that is torn or of an unknown kind is passed
/// over and counted.
public struct RunLog: Sendable {
    /// The events of the run, without those that a resume took back.
    public private(set) var events: [RunEvent] = []
    /// The number of lines that are no event of this version: torn by a crash or a full disk, or written by a later
    /// version.
    public private(set) var skippedLines = 0
    /// The number of events that a later resume took back.
    public private(set) var supersededEvents = 0

    /// Reads the log of a run directory; without a log there are no events.
    ///
    /// - Throws: `FileError` where there is a log that cannot be read.
    public init(of directory: String) throws(FileError) {
        let path = directory + (directory.hasSuffix("/") ? "" : "/") + "events.jsonl"
        self.init(access(path, F_OK) != 0 && errno == ENOENT ? [] : try readAll(path))
    }

    /// Reads the bytes of a log.
    public init(_ data: some Sequence<UInt8>) {
        let decoder = JSONDecoder()
        for line in Data(data).split(separator: UInt8(ascii: "\n")) {
            guard let event = try? decoder.decode(RunEvent.self, from: Data(line)) else {
                skippedLines += 1
                continue
            }
            add(event)
        }
    }

    private mutating func add(_ event: RunEvent) {
        if case .resume(let resume) = event {
            let before = events.count
            events.removeAll { $0.update > resume.update }
            supersededEvents += before - events.count
        }
        events.append(event)
    }

    /// The `epoch` events of the epochs before this one, for a run that is resumed.
    package func epochs(before epoch: Int) -> [RunEvent.Epoch] {
        events.compactMap { event in
            if case .epoch(let line) = event, line.epoch < epoch { line } else { nil }
        }
    }

    /// Whether an epoch was trained, or a checkpoint written.
    package var hasProgress: Bool {
        events.contains { event in
            switch event {
            case .epoch, .checkpoint: true
            default: false
            }
        }
    }

    /// The `end` event that closes the log; nil where the run still trains, or was killed.
    public var end: RunEvent.End? { if case .end(let end) = events.last { end } else { nil } }
}
