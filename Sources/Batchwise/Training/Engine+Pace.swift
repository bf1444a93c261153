import CKernels
import Dispatch

// The number of active threads follows what updates take: see Pace.

extension Engine {
    /// The time now, where there is more than one worker to choose among; else 0.
    func paceTime() -> UInt64 { team.count > 1 ? DispatchTime.now().uptimeNanoseconds : 0 }

    /// Takes note of the update that began at `start`.
    func keepPace(examples: Int, since start: UInt64) {
        guard team.count > 1 else { return }
        let now = DispatchTime.now().uptimeNanoseconds
        let stalled = team.stalledNanoseconds
        pace.note(
            examples: examples, seconds: Double(now - start) * 1e-9, waited: Double(stalled &- stalledBefore) * 1e-9,
            now: Double(now) * 1e-9)
        stalledBefore = stalled
    }
}
