/// Normalisation: moments, the normalised numbers, and the gradient through both.
extension Interpreter {
    /// (mean, 1 / sqrt(variance + epsilon)) of each set of numbers, with the biased variance. Places that hold no set's
    /// moments are 0.
    static func moments(_ normalisation: Normalisation, _ x: [Scalar]) -> [Scalar] {
        var moments = [Scalar](repeating: 0, count: normalisation.momentsCount(x.count))
        for set in normalisation.sets(x.count) {
            let mean = set.mean { Double(x[$0]) }
            let variance = set.mean { (Double(x[$0]) - mean) * (Double(x[$0]) - mean) }
            moments[set.centre] = Scalar(mean)
            moments[set.scale] = Scalar(1 / (variance + normalisation.epsilon).squareRoot())
        }
        return moments
    }

    /// y = (x - mean) / deviation
    static func normalise(_ normalisation: Normalisation, _ x: [Scalar], moments: [Scalar]) -> [Scalar] {
        var y = x
        for set in normalisation.sets(x.count) {
            for element in set.elements {
                let distance = Double(x[element]) - Double(moments[set.centre])
                y[element] = Scalar(distance * Double(moments[set.scale]))
            }
        }
        return y
    }

    /// dx_j = sum over i of dy_i (d y_i / d x_j) with d y_i / d x_j = ([i = j] - 1/n - y_i y_j / n) / deviation
    static func normaliseGradient(
        _ normalisation: Normalisation, normal y: [Scalar], moments: [Scalar], _ dy: [Scalar]
    ) -> [Scalar] {
        var dx = dy
        for set in normalisation.sets(y.count) {
            let level = set.mean { Double(dy[$0]) }
            let along = set.mean { Double(dy[$0]) * Double(y[$0]) }
            for element in set.elements {
                let rest = Double(dy[element]) - level - Double(y[element]) * along
                dx[element] = Scalar(rest * Double(moments[set.scale]))
            }
        }
        return dx
    }

    /// y = (x - mean) / sqrt(variance + epsilon) for each channel; a mean of nil counts as 0.
    static func runningNormalise(
        _ x: [Scalar], mean: [Scalar]?, variance: [Scalar], epsilon: Float
    ) -> [Scalar] {
        x.indices.map { index in
            let channel = index % variance.count
            let distance = Double(x[index]) - Double(mean?[channel] ?? 0)
            return Scalar(distance / (Double(variance[channel]) + Double(epsilon)).squareRoot())
        }
    }
}

/// The numbers that share a mean and a variance, and where their moments lie.
private struct NormalisationSet {
    var elements: [Int] = []
    var centre, scale: Int

    func mean(_ value: (Int) -> Double) -> Double {
        elements.reduce(0.0) { $0 + value($1) } / Double(elements.count)
    }
}

extension Normalisation {
    fileprivate var epsilon: Double {
        switch self {
        case .group(_, _, _, _, let epsilon), .ghost(_, _, _, let epsilon), .batch(_, _, let epsilon): Double(epsilon)
        }
    }

    /// How many moments go with `count` numbers.
    fileprivate func momentsCount(_ count: Int) -> Int {
        switch self {
        case .group(_, let positions, let channels, let groups, _): count / (positions * channels) * groups * 2
        case .ghost(_, let positions, let channels, _): count / (positions * channels) * 2 * channels
        case .batch(_, let channels, _): 2 * channels
        }
    }

    fileprivate func sets(_ count: Int) -> [NormalisationSet] {
        var sets: [NormalisationSet] = []
        switch self {
        case .group(_, let positions, let channels, let groups, _):
            for row in 0..<count / (positions * channels) {
                for group in 0..<groups {
                    let place = (row * groups + group) * 2
                    var set = NormalisationSet(centre: place, scale: place + 1)
                    for position in 0..<positions {
                        for channel in 0..<channels where channel / (channels / groups) == group {
                            set.elements.append((row * positions + position) * channels + channel)
                        }
                    }
                    sets.append(set)
                }
            }
        case .batch(_, let channels, _):
            for channel in 0..<channels {
                var set = NormalisationSet(centre: channel, scale: channel + channels)
                set.elements = Array(stride(from: channel, to: count, by: channels))
                sets.append(set)
            }
        case .ghost(let size, let positions, let channels, _):
            for chunk in Self.chunks(count / (positions * channels), size: size) {
                for channel in 0..<channels {
                    let place = chunk.lowerBound * 2 * channels + channel
                    var set = NormalisationSet(centre: place, scale: place + channels)
                    for pixel in chunk.lowerBound * positions..<chunk.upperBound * positions {
                        set.elements.append(pixel * channels + channel)
                    }
                    sets.append(set)
                }
            }
        }
        return sets
    }

    /// Runs of `size` consecutive examples; the last may be shorter.
    static func chunks(_ rows: Int, size: Int) -> [Range<Int>] {
        var chunks: [Range<Int>] = []
        var first = 0
        while first < rows {
            let count = min(size, rows - first)
            chunks.append(first..<first + count)
            first += count
        }
        return chunks
    }
}
