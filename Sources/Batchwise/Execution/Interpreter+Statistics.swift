/// Running statistics of batch normalisation.
extension Interpreter {
    /// The parameters, in which every running mean and variance has moved towards the batch's.
    package func parametersWithStatistics(after values: Values) -> [[Scalar]] {
        var updated = parameters
        for statistic in graph.statistics {
            (updated[statistic.mean], updated[statistic.variance]) = statistic.updated(
                mean: parameters[statistic.mean], variance: parameters[statistic.variance],
                moments: values[statistic.moments], rows: values.rows)
        }
        return updated
    }
}

extension Graph.Statistic {
    /// running <- (1 - momentum) running + momentum average, where the average of the ghost batches' means and unbiased
    /// variances counts each ghost batch by its examples. A single number has no unbiased variance: it keeps 0.
    package func updated<Scalar: BinaryFloatingPoint & Sendable>(
        mean: [Scalar], variance: [Scalar], moments: [Scalar], rows: Int
    ) -> (mean: [Scalar], variance: [Scalar]) {
        let (size, positions, channels, epsilon): (Int, Int, Int, Float)
        switch normalisation {
        case .ghost(let ghost, let pixels, let width, let small):
            (size, positions, channels, epsilon) = (ghost, pixels, width, small)
        case .batch(let pixels, let width, let small):
            (size, positions, channels, epsilon) = (rows, pixels, width, small)
        case .group: return (mean, variance)
        }
        guard rows > 0 else { return (mean, variance) }
        var result = (mean: mean, variance: variance)
        for channel in 0..<channels {
            var meanSum = 0.0
            var varianceSum = 0.0
            for chunk in Normalisation.chunks(rows, size: size) {
                let place = chunk.lowerBound * 2 * channels + channel
                let scale = Double(moments[place + channels])
                let n = Double(chunk.count * positions)
                let biased = max(0, 1 / (scale * scale) - Double(epsilon))
                meanSum += Double(chunk.count) * Double(moments[place])
                varianceSum += Double(chunk.count) * (n > 1 ? biased * n / (n - 1) : 0)
            }
            let momentum = Double(momentum)
            result.mean[channel] = Scalar((1 - momentum) * Double(mean[channel]) + momentum * meanSum / Double(rows))
            result.variance[channel] = Scalar(
                (1 - momentum) * Double(variance[channel]) + momentum * varianceSum / Double(rows))
        }
        return result
    }
}
