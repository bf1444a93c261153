/// Chooses a part of the largest stable rate by successive halving [Jamieson 2016]: short runs of all parts, then longer
/// ones of the better two, and of further parts for as long as the best one is at the edge of those that were tried.
package struct RateHalving: Sendable {
    /// A part that was tried, and the loss at the end of its longest run.
    package struct Candidate: Sendable, Equatable {
        package let part: Double
        package var updates: Int
        package var loss: Double
    }

    /// All candidates, in ascending order of their parts.
    package private(set) var candidates: [Candidate] = []
    /// The best part.
    package private(set) var best: Double

    static let parts = [1.0 / 30, 0.1, 1.0 / 3]
    private static let lowest = 1e-4

    /// Tries parts by a function that runs so many updates and gives the loss at their end, infinity where a run
    /// diverged.
    ///
    /// nil where every run diverged.
    package init?(updates: Int, loss: (_ part: Double, _ updates: Int) throws -> Double) rethrows {
        let short = try Self.parts.map {
            Candidate(part: $0, updates: updates, loss: try loss($0, updates))
        }
        let ranked = short.sorted { $0.loss < $1.loss }
        candidates = short
        best = ranked[0].part
        for candidate in ranked.prefix(2) { try run(candidate.part, 4 * updates, loss) }
        while let next { try run(next, 4 * updates, loss) }
        guard bestLoss < .infinity else { return nil }
    }

    private var bestLoss: Double { candidates.first { $0.part == best }?.loss ?? .infinity }

    /// The part beyond the edge at which the best one is; nil where it is not at an edge.
    private var next: Double? {
        if best == candidates.first?.part, best / 3 > Self.lowest { return best / 3 }
        if best == candidates.last?.part, best < 1 { return min(best * 3, 1) }
        return nil
    }

    private mutating func run(
        _ part: Double, _ updates: Int, _ loss: (_ part: Double, _ updates: Int) throws -> Double
    ) rethrows {
        let candidate = Candidate(part: part, updates: updates, loss: try loss(part, updates))
        candidates.removeAll { $0.part == part }
        candidates.append(candidate)
        candidates.sort { $0.part < $1.part }
        // only runs of the same length are compared
        let longest = candidates.filter { $0.updates == updates }
        best = longest.min { $0.loss < $1.loss }?.part ?? best
    }
}
