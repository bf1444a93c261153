import Foundation

/// Updates and examples to a goal over batches, between the fewest of each.
///
/// The fewest examples E_min, of small batches, and the fewest updates S_min, of large ones, meet at the critical batch
/// E_min / S_min. How sharply the curve bends there is the exponent a of
///
///     S(B) = S_min (1 + (B_crit / B)^a)^(1/a),  so that ((S / S_min)^a - 1) ((E / E_min)^a - 1) = 1
///
/// a = 1 is the hyperbola of [McCandlish 2018]; larger exponents bend more sharply.
package struct BatchFrontier: Sendable, Hashable {
    /// The updates that a batch takes to the goal.
    package struct Point: Sendable, Hashable {
        package let batch: Double
        package let updates: Double

        package init(batch: Double, updates: Double) { (self.batch, self.updates) = (batch, updates) }
    }

    package let points: [Point]
    /// S_min.
    package let fewestUpdates: Double
    /// E_min.
    package let fewestExamples: Double

    package init(points: [Point], fewestUpdates: Double, fewestExamples: Double) {
        (self.points, self.fewestUpdates, self.fewestExamples) = (points, fewestUpdates, fewestExamples)
    }

    /// E_min / S_min.
    package var criticalBatch: Double { fewestExamples / fewestUpdates }

    /// (S / S_min - 1) (E / E_min - 1), which is 1 on the hyperbola.
    package func product(_ point: Point) -> Double {
        (point.updates / fewestUpdates - 1) * (point.batch * point.updates / fewestExamples - 1)
    }

    /// The updates of a batch on the curve with an exponent.
    package func updates(batch: Double, exponent: Double) -> Double {
        // log(1 + (B_crit / B)^a) / a, where the power may be beyond a Double
        let power = exponent * log(criticalBatch / batch)
        return fewestUpdates * exp((max(power, 0) + log1p(exp(-abs(power)))) / exponent)
    }

    /// The exponent whose curve is closest to the points, by the squares of differences of logarithms.
    package var exponent: Double {
        exp(
            leastByGoldenSection(from: log(0.2), to: log(20)) { logExponent in
                points.reduce(0) { sum, point in
                    let difference = log(point.updates / updates(batch: point.batch, exponent: exp(logExponent)))
                    return sum + difference * difference
                }
            })
    }
}
