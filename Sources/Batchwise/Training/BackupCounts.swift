/// The gradients that processes have computed with backup workers, and those of them that came too late.
public struct BackupCounts: Sendable, Hashable, Codable {
    /// The gradients that have been computed.
    public internal(set) var gradients = 0
    /// The gradients that were dropped because their update had enough already.
    public internal(set) var dropped = 0

    /// The counts in one sentence for people.
    package var sentence: String {
        let share = gradients > 0 ? 100 * Double(dropped) / Double(gradients) : 0
        return "backup workers: \(dropped) of \(gradients) gradients came too late and were dropped "
            + "(\((10 * share).rounded() / 10)%)"
    }

    /// Whether so many updates can have been counted like this.
    func isPossible(in updates: Int) -> Bool { 0 <= dropped && dropped <= gradients && (updates > 0 || gradients == 0) }
}
