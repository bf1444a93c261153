import Batchwise

/// The mean gradient over the whole training set and the squared norms of all examples' gradients, in one pass.
struct WholeGradientPass {
    /// The mean gradient G, parameter by parameter.
    private(set) var gradient: [[Double]] = []
    /// The names of the parameters.
    private(set) var names: [String] = []
    /// The mean of the squared norms of examples' gradients, by parameter. An example of weight w counts with the
    /// gradient w / mean weight times that of its own loss, as in a batch.
    private(set) var meanSquares: [Double] = []
    /// The number of examples.
    let examples: Int
    /// The examples, where they are kept.
    private(set) var found: [DiversityMeasurement.Example] = []
    private let keepsExamples: Bool

    init(_ subject: Subject, keepingExamples: Bool = false, progress: (Int, Int) -> Void) throws {
        examples = subject.data.train.count
        keepsExamples = keepingExamples
        let chunk = min(examples, 1024)
        var probe = try subject.probe(batch: chunk, needs: [.gradient, .exampleNorms], asTrained: false)
        let order = EpochOrder(count: examples, seed: subject.recipe.seed, epoch: 1)
        for start in stride(from: 0, to: examples, by: chunk) {
            let positions = start..<min(start + chunk, examples)
            try probe.measure(at: positions, of: order) { try add($0, share: Double(positions.count)) }
            progress(positions.upperBound, examples)
        }
        for parameter in gradient.indices {
            for place in gradient[parameter].indices { gradient[parameter][place] /= Double(examples) }
            meanSquares[parameter] /= Double(examples)
        }
    }

    private mutating func add(_ update: borrowing MeasuredUpdate, share: Double) throws {
        if gradient.isEmpty {
            names = (0..<update.parameterCount).map { update.parameterName($0) }
            gradient = Array(repeating: [], count: names.count)
            meanSquares = Array(repeating: 0, count: names.count)
        }
        for parameter in names.indices {
            try update.withNumbers(.gradient, of: parameter) { numbers in
                if gradient[parameter].isEmpty { gradient[parameter] = Array(repeating: 0, count: numbers.count) }
                for place in numbers.indices { gradient[parameter][place] += share * Double(numbers[place]) }
            }
            for example in 0..<update.exampleCount {
                let weight = try update.relativeWeight(ofExample: example)
                meanSquares[parameter] += weight * weight * (try update.squaredNorm(.example(example), of: parameter))
            }
        }
        guard keepsExamples else { return }
        for example in 0..<update.exampleCount where try update.weight(ofExample: example) > 0 {
            found.append(
                .init(
                    place: update.dataRow(ofExample: example),
                    gradientNorm: try update.squaredNorm(.example(example)).squareRoot(),
                    loss: try update.loss(ofExample: example), weight: try update.weight(ofExample: example)))
        }
    }

    /// |G|^2 of a parameter.
    func squaredNorm(_ parameter: Int) -> Double { gradient[parameter].reduce(0) { $0 + $1 * $1 } }

    /// |g - G|^2 for the gradient of an update.
    func squaredDistance(of update: borrowing MeasuredUpdate) throws -> Double {
        var sum = 0.0
        for parameter in gradient.indices {
            try update.withNumbers(.gradient, of: parameter) { numbers in
                for place in numbers.indices {
                    let difference = Double(numbers[place]) - gradient[parameter][place]
                    sum += difference * difference
                }
            }
        }
        return sum
    }
}
