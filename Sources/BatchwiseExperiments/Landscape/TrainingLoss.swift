import Batchwise

/// The mean loss over the training set, or over the first examples of its first epoch, as a function of the parameters.
///
/// The model is the one of training, without dropout and augmentation; each example counts once, with its weight. The
/// trained parameters make one vector: parameter by parameter, each in the order of its shape.
package struct TrainingLoss: ~Copyable {
    private var probe: Probe
    private let ranges: [Range<Int>]
    /// The trained parameters.
    package let parameters: [Parameter]
    /// The examples of the mean.
    package let examples: Int

    /// The loss at the subject's parameters; `products` takes the memory for products of the Hessian.
    package init(_ subject: Subject, examples: Int? = nil, products: Bool = false) throws {
        let (most, found) = (examples ?? subject.data.train.count, subject.data.train.count)
        guard most <= found else { throw MeasurementError.tooManyExamples(asked: most, found: found) }
        let probe = try subject.probe(
            batch: most, needs: products ? [.gradient, .tangent] : .gradient, asTrained: false)
        var (ranges, first): ([Range<Int>], Int) = ([], 0)
        for parameter in probe.parameters {
            ranges.append(first..<first + parameter.count)
            first += parameter.count
        }
        (self.examples, self.ranges, parameters) = (most, ranges, probe.parameters)
        self.probe = probe
    }

    /// The number of trained parameters, each number counted.
    package var count: Int { ranges.last?.upperBound ?? 0 }

    /// The places of each parameter in the vector.
    package var places: [Range<Int>] { ranges }

    /// The parameters as one vector.
    package var position: [Double] { probe.values.flatMap { $0.map(Double.init) } }

    /// Goes to other parameters, rounded to float32.
    package mutating func move(to position: [Double]) {
        probe.setValues(ranges.map { range in position[range].map { Float($0) } })
    }

    /// Goes to the parameters of a model of the same recipe.
    package mutating func move(to model: Model) {
        let values = probe.values
        probe.setValues(
            zip(parameters, values).map { parameter, now in
                model.parameters.firstIndex { $0.name == parameter.name }.map { model.values[$0] } ?? now
            })
    }

    // MARK: Values

    /// The loss and its gradient. Throws ``MeasurementError/notFinite(layer:)``.
    package mutating func gradient() throws -> (loss: Double, gradient: [Double]) {
        try look { update in
            var gradient: [Double] = []
            for parameter in 0..<update.parameterCount {
                gradient += try update.values(.gradient, of: parameter).map(Double.init)
            }
            return (update.loss, gradient)
        }
    }

    /// The loss and its gradient; nil where one of them is not finite.
    package mutating func gradientIfFinite() throws -> (loss: Double, gradient: [Double])? {
        do { return try gradient() } catch MeasurementError.notFinite { return nil }
    }

    /// The loss; nil where it or its gradient is not finite.
    package mutating func valueIfFinite() throws -> Double? {
        do { return try look { $0.loss } } catch MeasurementError.notFinite { return nil }
    }

    /// Lends the product of the loss's Hessian and a direction, beside the loss.
    package mutating func withHessian<Result>(
        _ body: (_ loss: Double, _ product: ([Double]) throws -> [Double]) throws -> Result
    ) throws -> Result {
        let ranges = ranges
        do {
            return try look { update in
                try body(update.loss) { direction in
                    let product = try update.hessianProduct { part in direction[ranges[part]].map { Float($0) } }
                    return product.values.flatMap { $0.map(Double.init) }
                }
            }
        } catch QuantityError.productNotFinite {
            throw MeasurementError.hessianNotFinite
        }
    }

    private mutating func look<Result>(_ body: (borrowing MeasuredUpdate) throws -> Result) throws -> Result {
        try probe.measure(at: 0..<examples, body)
    }
}
