import Batchwise
import Foundation

/// A failure that happens on purpose, so that a test can see what becomes of the run: `rank:update:kind`.
package struct Injection: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The process ends by itself, with status 3.
        case exit
        /// The process is killed.
        case kill
        /// The process does nothing any more, and catches signals as before.
        case hang
        /// The process sleeps for a twentieth of a second before each of its updates from then on.
        case slow
        /// A parameter is no longer a number.
        case nan
        /// Nothing can be written any more but the supervisor's record.
        case diskFull = "disk-full"
    }

    package var rank: Int
    /// The updates before the failure.
    package var update: Int
    package var kind: Kind

    package init(rank: Int, update: Int, kind: Kind) { (self.rank, self.update, self.kind) = (rank, update, kind) }

    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let rank = Int(parts[0]), rank >= 0, let update = Int(parts[1]), update >= 0,
            let kind = Kind(rawValue: String(parts[2]))
        else { return nil }
        (self.rank, self.update, self.kind) = (rank, update, kind)
    }
}

extension Run {
    /// Lets the injection happen, once, if its update has come.
    mutating func injectFailure() throws {
        guard let injection, trainer.progress.updates >= injection.update else { return }
        self.injection = nil
        guard processes.rank == injection.rank else { return }
        switch injection.kind {
        case .exit: _exit(3)
        case .kill: raise(SIGKILL)
        case .hang: while true { sleep(1) }
        case .slow: trainer.slowdown = 0.05
        case .nan:
            trainer.spoilParameter()
        case .diskFull:
            let room = rlim_t(LaunchRecord.length)
            var bytes = rlimit(rlim_cur: room, rlim_max: room)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &bytes)
        }
    }

    /// The updates until the injection; as many as there are where there is none.
    var updatesUntilInjection: Int {
        guard let injection, injection.update > trainer.progress.updates else { return .max }
        return injection.update - trainer.progress.updates
    }
}
