import Foundation

/// Where more workers stop paying, of one way.
package struct ClusterLimit: Sendable {
    /// The fewest workers whose efficiency, in examples a second, is below a half; nil where that of 100,000 is not.
    package let halfEfficiency: Int?
    /// The fewest workers whose efficiency to the goal is below a half, or in examples a second where there is no goal;
    /// nil where that of 100,000 is not.
    package let half: Int?
    /// The cause that takes most of the efficiency there, or at 100,000 workers.
    package let cause: ClusterModel.Cause
    /// The workers that reach the goal soonest, of powers of the square root of 2 up to 100,000, and how many times as fast
    /// as one; without a goal those with the most examples a second.
    package let fastest: (workers: Int, speedUp: Double)

    /// The most workers that are looked at.
    package static let most = 100_000

    package init(_ model: ClusterModel, _ way: ClusterWay) {
        func useful(_ point: ClusterModel.Point) -> Double { point.goalEfficiency ?? point.efficiency }
        var candidates: [Int] = []
        var next = 1.0
        while next < Double(Self.most) {
            candidates.append(Int(next.rounded()))
            next = max(next * 2.0.squareRoot(), next + 1)
        }
        candidates.append(Self.most)
        let points = candidates.map { model.point(way, workers: $0) }

        /// The fewest workers that are below a half: between two candidates by bisection.
        func fewest(_ measure: (ClusterModel.Point) -> Double) -> Int? {
            guard let place = points.firstIndex(where: { measure($0) < 0.5 }), place > 0 else { return nil }
            var (low, high) = (points[place - 1].workers, points[place].workers)
            while high - low > 1 {
                let middle = (low + high) / 2
                if measure(model.point(way, workers: middle)) < 0.5 { high = middle } else { low = middle }
            }
            return high
        }
        halfEfficiency = fewest { $0.efficiency }
        half = fewest(useful)
        let there = model.point(way, workers: half ?? Self.most)
        cause = there.losses.max { $0.factor < $1.factor }?.cause ?? .network
        let best = points.max { useful($0) * Double($0.workers) < useful($1) * Double($1.workers) } ?? there
        fastest = (best.workers, useful(best) * Double(best.workers))
    }
}
