// Notices about cases in which the rules that carry a rate to another batch are known to break.

import Foundations

extension Recipe {
    /// Notices about the learning rate that follow from the recipe alone.
    func rateNotices(_ rate: LearningRate.Resolved, batch: Int) -> [String] {
        guard learningRate.scaling == .linear, let reference = learningRate.atBatch, batch > reference else {
            return []
        }
        let factor = Double(batch) / Double(reference)
        var notices: [String] = []
        if factor > 8, rate.warmup == 0 {
            notices.append(
                "the linear rule raises the rate \(text(factor))-fold at once, and early updates are where it fails: "
                    + "use learning-rate.warmup, for example 5 epochs (Goyal 2017)")
        }
        if factor >= 64 {
            notices.append(
                "the linear rule carries the rate over a \(text(factor))-fold batch; on ImageNet it held up to 32 times "
                    + "256 examples and lost accuracy at 64 times (Goyal 2017): compare with a smaller batch")
        }
        return notices
    }

    /// The learning rate beyond which updates diverge on a quadratic loss of this curvature, and its formula; nil where no
    /// formula is known. With SAM the limit is another at every gradient.
    package func largestStableRate(curvature: Double) -> (rate: Double, formula: String)? {
        sam == nil ? optimizer.largestStableRate(curvature: curvature) : nil
    }

    /// Notices about the batch and the learning rate of a plan that follow from measurements.
    ///
    /// - Parameter plan: the plan of this recipe.
    /// - Parameter criticalBatch: the batch at which twice the fewest updates and twice the fewest examples are needed.
    /// - Parameter curvature: the largest eigenvalue of the loss's Hessian.
    public func notices(for plan: Plan, criticalBatch: Double?, curvature: Double?) -> [String] {
        var notices: [String] = []
        if let critical = criticalBatch, Double(plan.batch) > critical {
            let batch = Double(plan.batch)
            notices.append(
                "batch \(plan.batch) is beyond the critical batch of \(text(critical)): to the same loss it takes "
                    + "\(text(1 + batch / critical)) times the examples of the smallest batches, and still "
                    + "\(text(1 + critical / batch)) times the updates of the largest (McCandlish 2018)")
        }
        if let curvature, let limit = largestStableRate(curvature: curvature) {
            if plan.learningRate > limit.rate {
                notices.append(
                    "a learning rate of \(text(plan.learningRate)) is beyond \(limit.formula) = \(text(limit.rate)), where "
                        + "updates on a curvature of L = \(text(curvature)) grow: use a lower rate or a longer "
                        + "warmup (Cohen 2021)")
            }
        } else if curvature != nil {
            notices.append(
                "no limit of the learning rate is known from the curvature for this optimizer: it was not checked")
        }
        return notices
    }
}

/// Three significant digits, or all before the point.
private func text(_ value: Double) -> String {
    let number = value >= 100 ? value.rounded() : rounded(value, digits: 3)
    return Int(exactly: number).map(String.init) ?? String(number)
}
