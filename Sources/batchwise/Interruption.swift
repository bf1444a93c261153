import Foundation
import Synchronization

/// Ctrl-C, SIGTERM and a closed terminal while training: the first asks for a stop after the current update, the second ends at once.
enum Interruption {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    private static let flag = Atomic<Bool>(false)

    /// Cheap enough to be asked after every update.
    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// Catches the signals from now on.
    static func catchSignals() {
        // The handler must find the flag initialised.
        flag.store(false, ordering: .relaxed)
        for number in numbers { signal(number, handle) }
        // A program that starts this one may have them blocked, and that is inherited.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Gives the signals their usual meaning back.
    static func releaseSignals() {
        for number in numbers { signal(number, SIG_DFL) }
    }

    private static let handle: @convention(c) (Int32) -> Void = { _ in
        // Only what is safe in a signal handler: an atomic store, and calls of signal.
        flag.store(true, ordering: .relaxed)
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        signal(SIGHUP, SIG_DFL)
    }
}
