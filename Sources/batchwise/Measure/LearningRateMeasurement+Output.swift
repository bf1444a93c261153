import Batchwise
import BatchwiseExperiments
import Foundation
import Foundations

extension LearningRateMeasurement {
    var json: JSON {
        .object([
            (
                "batches",
                .array(
                    stable.map { stable in
                        .object([
                            ("batch", .int(stable.batch)), ("largest_stable", .number(stable.median)),
                            ("low", .number(stable.low)), ("high", .number(stable.high)),
                            ("suggested", .number(suggested(stable))), ("seeds", .int(stable.edges.count)),
                            ("tests", .array(stable.edges.map(\.test.json))),
                        ])
                    })
            ),
            ("exponent", JSON(power.exponent)), ("low", JSON(power.low)), ("high", JSON(power.high)),
            ("verdict", .string(power.verdict.description)),
            ("batch", .int(reference.batch)), ("part", .number(halving.part)),
            ("candidates", .array(halving.candidates.map(\.json))),
            ("learning_rate", .number(recipeRate)), ("notices", .array(notices.map { .string($0) })),
        ])
    }

    func text(of source: String, parameters: String, _ recipe: Recipe) -> String {
        let rate = suggested(reference)
        let seeds = counted(reference.edges.count, "seed")
        var lines = ["learning rate of \(source) at \(parameters)"]
        lines += wrapped(
            "\(significant(rate)) for batches of \(reference.batch): \(share) of the largest stable; the recipe has "
                + significant(recipeRate), width: 78
        ).map { "  \($0)" }
        lines += notices.flatMap { wrapped($0, width: 78) }.map { "  \($0)" }
        let rows = stable.map { stable in
            [
                "\(stable.batch)", significant(stable.median),
                "\(significant(stable.low)) to \(significant(stable.high))", significant(suggested(stable)),
            ]
        }
        lines.append("")
        lines += Columns(header: ["batch", "largest stable", "over \(seeds)", "suggested"], rows: rows).lines.map {
            "  \($0)"
        }
        lines += ["", "  loss of batches of \(reference.batch) over the rate"]
        lines += chart.lines(width: 74, height: 8).map { "  \($0)" }
        lines += [""] + growth.split(separator: "\n").flatMap { wrapped(String($0), width: 80) }
        lines += ["", "Train with it: --set learning-rate.base=\(significant(base(rate, recipe)))"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The base rate with which the recipe's own rule gives a rate to batches of reference.
    private func base(_ rate: Double, _ recipe: Recipe) -> Double {
        let own = recipe.learningRate
        return rate / own.scaling.factor(batch: reference.batch, atBatch: own.atBatch ?? reference.batch)
    }

    /// The suggested rate beside the largest stable one: 1/10.
    private var share: String {
        let parts = reference.median / suggested(reference)
        return "1/\(significant((parts * 10).rounded() / 10))"
    }

    /// The loss of the range test of the first seed.
    private var chart: LineChart {
        let test = reference.edges[0].test
        return LineChart(points: zip(test.rates, test.losses).map { ($0, $1) })
    }

    /// The exponent and its verdict in a sentence.
    private var growth: String {
        guard let exponent = power.exponent else {
            return "One batch was measured: --batches 8,32,128 shows how the rate grows with it."
        }
        var text = "rate ~ batch^\(String(format: "%.2f", exponent))"
        if let low = power.low, let high = power.high {
            text += " (95%: \(String(format: "%.2f", low)) to \(String(format: "%.2f", high)))"
        }
        switch power.verdict {
        case .linear: return text + ":\nthe linear rule holds between these batches."
        case .squareRoot: return text + ":\nthe square root rule holds between these batches."
        case .between: return text + ":\nbetween the square root rule and the linear rule."
        case .neither(let how): return text + ":\nneither the square root rule nor the linear rule: \(how)."
        case .notEnoughEvidence: return text + ":\nnot enough evidence for a rule; try more --seeds or --batches."
        }
    }
}

extension RangeTest {
    /// At most 200 points.
    fileprivate var json: JSON {
        let step = max((rates.count + 199) / 200, 1)
        let places = stride(from: 0, to: rates.count, by: step)
        return .object([
            ("diverging", JSON(diverging)), ("updates", .int(rates.count)),
            ("rates", .array(places.map { .number(rates[$0]) })),
            (
                "losses",
                .array(
                    places.map { place in
                        let part = losses[place..<min(place + step, losses.count)]
                        return .number(part.reduce(0, +) / Double(part.count))
                    })
            ),
        ])
    }
}

extension RateHalving.Candidate {
    fileprivate var json: JSON {
        .object([("part", .number(part)), ("updates", .int(updates)), ("loss", .number(loss))])
    }
}
