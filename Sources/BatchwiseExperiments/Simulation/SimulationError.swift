import Foundation

/// The reason why something cannot be simulated: a sentence for a person.
package enum SimulationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A setting is outside of the numbers that it may be.
    case setting(String, Double, expected: String)
    /// Lists that belong together have other lengths.
    case lengths(curvatures: Int, noises: Int)
    /// The rate is at its limit or beyond, where SGD diverges.
    case unstable(rate: Double, limit: Double, curvature: Double, momentum: Double)
    /// The simulation would take too long.
    case tooLong(updates: Double, most: Double)
    /// No rate takes the expected loss to the goal.
    case goalOutOfReach(goal: Double, batch: Double)

    package var description: String {
        switch self {
        case .setting(let name, let value, let expected): "\(name) is \(shown(value)): expected \(expected)"
        case .lengths(let curvatures, let noises):
            "there are \(curvatures) curvatures and \(noises) noises: give one noise, or one for each curvature"
        case .unstable(let rate, let limit, let curvature, let momentum):
            "SGD diverges at the rate \(shown(rate)): with momentum \(shown(momentum)) and the largest curvature "
                + "\(shown(curvature)), choose a rate below 2 (1 + momentum) / curvature = \(shown(limit))"
        case .tooLong(let updates, let most):
            "the simulation would take \(updates < 1e15 ? "" : "more than ")\(shown(min(updates, 1e15))) updates, and the "
                + "most is \(shown(most)): take fewer updates or chains, a higher rate, or leave out the smallest curvature"
        case .goalOutOfReach(let goal, let batch):
            "no constant rate takes the expected loss to \(shown(goal)) with batches of \(shown(batch)): choose a higher "
                + "goal"
        }
    }
}

/// Six digits that matter.
private func shown(_ value: Double) -> String {
    value.isNaN ? "no number" : value.isInfinite ? "infinite" : String(format: "%.6g", value == 0 ? 0 : value)
}

extension Double {
    /// Throws where the number is not one that a setting may be; NaN never is.
    package func checked(
        _ name: String, _ isRight: (Double) -> Bool, _ expected: String
    ) throws(SimulationError) {
        guard isFinite, isRight(self) else { throw .setting(name, self, expected: expected) }
    }

    /// Throws where a setting is not above 0, or so small or large that squares of results are beyond a Double.
    package func checkedPositive(_ name: String) throws(SimulationError) {
        try checked(name, { $0 > 0 }, "a number above 0")
        try checked(name, { (1e-30...1e30).contains($0) }, "a number from 1e-30 to 1e30")
    }

    /// Throws where a momentum is not in [0, 1).
    package func checkedMomentum() throws(SimulationError) {
        try checked("the momentum", { $0 >= 0 && $0 < 1 }, "a number from 0 to below 1")
    }
}
