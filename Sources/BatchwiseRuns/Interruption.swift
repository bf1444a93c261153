import Foundation
import Synchronization

/// A request that a run stop after its current update: a flag that any thread may set, or that signals set.
///
/// ```swift
/// let interruption = Interruption.catchingSignals()
/// try run.train(until: interruption)
/// ```
public final class Interruption: Sendable {
    private let flag = Atomic<Bool>(false)

    /// A flag that is not set.
    public init() {}

    /// Whether a stop has been asked for. It is cheap enough to be read after every update.
    public var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// Asks for a stop.
    public func request() { flag.store(true, ordering: .relaxed) }

    // MARK: Signals

    private static let numbers = [SIGINT, SIGTERM, SIGHUP, SIGUSR1]
    private static let ofSignals = Interruption()

    /// Catches Ctrl-C, SIGTERM, a closed terminal and SIGUSR1, which launchers of MPI hand on, from now on: the first asks
    /// for a stop, the second, but for SIGUSR1, ends the process at once. Signals belong to the whole process, so a
    /// program calls this function only where it wants that. All calls return the same flag, and clear it.
    public static func catchingSignals() -> Interruption {
        // The handler must find the flag initialised.
        ofSignals.flag.store(false, ordering: .relaxed)
        for number in numbers { signal(number, handle) }
        // A program that starts this one may have them blocked, and that is inherited.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        return ofSignals
    }

    /// Gives the signals their usual meaning back. SIGUSR1 is ignored after a stop was asked for, because launchers may hand
    /// it on once more while the process ends.
    public static func releaseSignals() {
        for number in numbers {
            signal(number, number == SIGUSR1 && ofSignals.isRequested ? SIG_IGN : SIG_DFL)
        }
    }

    private static let handle: @convention(c) (Int32) -> Void = { _ in
        // Only what is safe in a signal handler: an atomic store, and calls of signal.
        ofSignals.flag.store(true, ordering: .relaxed)
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        signal(SIGHUP, SIG_DFL)
    }
}
