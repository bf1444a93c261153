/// The means and deviations that standardise the targets of a data set: a number is `standardised * deviation + mean`.
public struct TargetMoments: Sendable, Hashable, Codable {
    /// The mean of each value of an example.
    public var means: [Float]
    /// The deviation of each value, above 0.
    public var deviations: [Float]

    /// Moments of each value of an example.
    public init(means: [Float], deviations: [Float]) {
        self.means = means
        self.deviations = deviations
    }

    /// Whether standardised numbers are the numbers themselves.
    var areIdentity: Bool { means.allSatisfy { $0 == 0 } && deviations.allSatisfy { $0 == 1 } }

    /// Turns standardised numbers, row by row, into the unit of the targets.
    func restore(_ numbers: UnsafeMutableBufferPointer<Float>) {
        for at in numbers.indices {
            let place = at % means.count
            numbers[at] = Float(Double(numbers[at]) * Double(deviations[place]) + Double(means[place]))
        }
    }

    func restored(_ numbers: [Float]) -> [Float] {
        var numbers = numbers
        numbers.withUnsafeMutableBufferPointer { restore($0) }
        return numbers
    }
}

extension Dataset {
    /// The moments of the targets; nil where the targets are classes or unknown.
    public var targetMoments: TargetMoments? {
        guard case .values(_, _, let means, let deviations) = targets else { return nil }
        return TargetMoments(means: means, deviations: deviations)
    }

    /// The data set with its targets standardised by other moments, such as those that a model was trained with.
    func standardised(by moments: TargetMoments?) -> Dataset {
        guard let moments, case .values(let values, let width, let means, let deviations) = targets,
            moments.means.count == width, TargetMoments(means: means, deviations: deviations) != moments
        else { return self }
        var numbers = values
        for at in numbers.indices {
            let place = at % width
            let number = Double(values[at]) * Double(deviations[place]) + Double(means[place])
            numbers[at] = Float((number - Double(moments.means[place])) / Double(moments.deviations[place]))
        }
        return Dataset(
            checked: count, featureShape, features,
            .values(numbers, width: width, means: moments.means, deviations: moments.deviations), weights)
    }
}
