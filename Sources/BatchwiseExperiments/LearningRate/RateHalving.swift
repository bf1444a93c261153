import Foundation

/// Chooses a part of the largest stable rate by successive halving [Jamieson 2016]: short runs of 1/30, 1/10 and 1/3 of
/// it, runs four times as long of the better two, and as long ones of the neighbours of the best, for as long as one has
/// not been run.
package struct RateHalving: Sendable {
    /// A part that was tried, and the loss at the end of its longest run.
    package struct Candidate: Sendable, Equatable {
        package let part: Double
        package let updates: Int
        package let loss: Double
    }

    /// All parts that may be tried, in ascending order.
    static let parts = [3000, 1000, 300, 100, 30, 10, 3, 1].map { (divisor: Double) in 1 / divisor }
    private static let first = 4...6

    /// The best runs of the parts that were tried, by their places.
    private var tried: [Int: Candidate] = [:]
    private var best = 0

    /// All candidates, in ascending order of their parts.
    package var candidates: [Candidate] { tried.values.sorted { $0.part < $1.part } }

    /// Tries parts by a function that runs so many updates and gives the loss at their end, infinity where a run
    /// diverged.
    ///
    /// nil where every run diverged.
    package init?(updates: Int, loss: (_ part: Double, _ updates: Int) throws -> Double) rethrows {
        func run(_ place: Int, _ updates: Int) throws -> Candidate {
            let part = Self.parts[place]
            return Candidate(part: part, updates: updates, loss: try loss(part, updates))
        }
        for place in Self.first { tried[place] = try run(place, updates) }
        var places = Array(Self.first.sorted { isBetter($0, $1) }.prefix(2))
        while let place = places.popLast() {
            tried[place] = try run(place, 4 * updates)
            guard places.isEmpty else { continue }
            // only runs of the same length are compared
            let long = tried.keys.filter { tried[$0]?.updates == 4 * updates }
            best = long.sorted { isBetter($0, $1) }[0]
            places = [best - 1, best + 1].filter { Self.parts.indices.contains($0) && !long.contains($0) }
        }
        guard endLoss(best) < .infinity else { return nil }
    }

    private func endLoss(_ place: Int) -> Double { tried[place]?.loss ?? .infinity }

    /// Whether a place has the lower loss, or the lower part where losses are equal.
    private func isBetter(_ one: Int, _ other: Int) -> Bool {
        (endLoss(one), one) < (endLoss(other), other)
    }

    /// The part where the parabola through the logarithms of the best loss and of its neighbours' is lowest.
    ///
    /// Without a neighbour on one side it is the best part itself. A neighbour that diverged stands for a loss that is
    /// e^20 times as high.
    package var part: Double {
        guard Self.parts.indices.contains(best - 1), Self.parts.indices.contains(best + 1) else {
            return Self.parts[best]
        }
        func height(_ place: Int) -> Double { min(log(endLoss(place) / endLoss(best)), 20) }
        let middle = log(Self.parts[best])
        let (left, right) = (middle - log(Self.parts[best - 1]), log(Self.parts[best + 1]) - middle)
        let (low, high) = (height(best - 1), height(best + 1))
        let curvature = low * right + high * left
        // a loss of 0, or three equal ones, have no parabola
        guard curvature > 0, curvature.isFinite else { return Self.parts[best] }
        return exp(middle + (low * right * right - high * left * left) / (2 * curvature))
    }
}
