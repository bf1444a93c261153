import CKernels

/// An update as a ``Quantity`` sees it: the numbers that it needs, lent for one call.
///
/// Squared norms are sums in Double in a fixed order: the same bits for any threads and micro-batch. Parameters are
/// counted from 0 among those that are trained, examples by their place in the batch, lanes by theirs.
public struct MeasuredUpdate: ~Copyable {
    /// A vector over one parameter, or over all of them, whose squared norm is known.
    public enum Vector: Hashable, Sendable {
        /// The batch's mean gradient, before clipping and decay: ``UpdateNeeds/gradientNorms``. With ``SAM``, this
        /// is the first gradient, at the parameters before the update.
        case gradient
        /// The parameters before the update: ``UpdateNeeds/changeNorms``.
        case parameters
        /// The parameters after the update minus those before: ``UpdateNeeds/changeNorms``.
        case change
        /// The gradient of an example's own loss, its weight left out: ``UpdateNeeds/exampleNorms``. 0 for an example
        /// of weight 0, which has none.
        case example(Int)
        /// The mean gradient of a lane's examples, by their weights: ``UpdateNeeds/laneNorms``. 0 where all weights are
        /// 0.
        case lane(Int)
    }

    /// A vector whose elements are lent.
    public enum Numbers: Hashable, Sendable {
        /// The batch's mean gradient, before clipping and decay: ``UpdateNeeds/gradient``.
        case gradient
        /// The parameters before the update, and after it: ``UpdateNeeds/parameters``.
        case parametersBefore, parametersAfter
    }

    /// The number of the update, from 1.
    public let number: Int
    /// The epoch of the update, counted from 1.
    public let epoch: Int
    /// The weighted mean loss of the batch, at the parameters before the update.
    public let loss: Double
    /// The sum of the batch's weights.
    public let weight: Double
    /// The learning rate with which the update was made.
    public let learningRate: Double
    private let engine: Engine
    private let next: NextUpdate
    private let products: HessianProducts?
    /// The needs of the quantity that is being computed; nothing else is lent to it.
    var needs: UpdateNeeds = []

    init(_ engine: Engine, _ next: NextUpdate, _ result: UpdateResult, _ products: HessianProducts?) {
        self.engine = engine
        self.next = next
        self.products = products
        number = next.number
        epoch = next.epoch
        loss = result.meanLoss
        weight = result.weight
        learningRate = result.rate
        if engine.current.pointee.needs.contains(.changeNorms), let whole = engine.workspace.whole {
            whole.gather(whole.changes)
        }
    }

    private func require(_ need: UpdateNeeds) throws(QuantityError) {
        guard needs.contains(need) else { throw .notAmongNeeds(need) }
    }

    /// The number of trained parameters.
    public var parameterCount: Int { engine.program.gradients.count }
    /// The number of examples in the batch.
    public var exampleCount: Int { engine.current.pointee.positions.count }
    /// The example of the data set at a place in the batch.
    package func dataRow(ofExample example: Int) -> Int {
        let current = engine.current.pointee
        return current.order[current.positions.lowerBound + example]
    }
    /// The number of examples from which the batch is drawn without replacement; nil where an example may come twice.
    package var population: Int? { engine.current.pointee.order.isShuffle ? engine.source.data.count : nil }
    /// The number of lanes in the batch.
    public var laneCount: Int { engine.current.pointee.batch.lanes }

    /// The name of a trained parameter, as models and files have it.
    public func parameterName(_ parameter: Int) -> String {
        engine.layout.parameters[engine.program.gradients[parameter].parameter].name
    }

    // MARK: Squared norms

    /// The squared norm over all trained parameters, added up in their order.
    public func squaredNorm(_ vector: Vector) throws(QuantityError) -> Double {
        var sum = 0.0
        for parameter in 0..<parameterCount { sum += try squaredNorm(vector, of: parameter) }
        return sum
    }

    /// The squared norm of a parameter's part.
    public func squaredNorm(_ vector: Vector, of parameter: Int) throws(QuantityError) -> Double {
        let index = engine.program.gradients[parameter].parameter
        switch vector {
        case .gradient:
            try require(.gradientNorms)
            return engine.workspace.whole?.observed.ofParameters[index] ?? 0
        case .parameters:
            try require(.changeNorms)
            return engine.workspace.whole?.weights.ofParameters[index] ?? 0
        case .change:
            try require(.changeNorms)
            return engine.workspace.whole?.changes.ofParameters[index] ?? 0
        case .example(let example):
            try require(.exampleNorms)
            precondition(example >= 0 && example < exampleCount, "a batch of \(exampleCount) has no example \(example)")
            return engine.workspace.parts?.squaredNorm(ofExample: example, parameter) ?? 0
        case .lane(let lane):
            try require(.laneNorms)
            let factor = Double(exampleCount) / Double(examples(ofLane: lane).count)
            guard factor.isFinite else { return 0 }
            return (engine.workspace.parts?.squaredSum(ofLane: lane, parameter) ?? 0) * factor * factor
        }
    }

    /// The weight of an example, 1 in data without weights: with norms of examples or lanes.
    public func weight(ofExample example: Int) throws(QuantityError) -> Double {
        guard needs.needsParts, let parts = engine.workspace.parts else { throw .notAmongNeeds(.exampleNorms) }
        precondition(example >= 0 && example < exampleCount, "a batch of \(exampleCount) has no example \(example)")
        return parts.weights[example]
    }

    /// The example's own loss, at the parameters before the update; its weight is left out. With norms of examples or
    /// lanes.
    public func loss(ofExample example: Int) throws(QuantityError) -> Double {
        guard needs.needsParts, let parts = engine.workspace.parts else { throw .notAmongNeeds(.exampleNorms) }
        precondition(example >= 0 && example < exampleCount, "a batch of \(exampleCount) has no example \(example)")
        return parts.losses[example]
    }

    /// The weight of an example over the mean weight of the training set: the factor by which its gradient counts in the
    /// mean over the batch's examples. With norms of examples or lanes.
    public func relativeWeight(ofExample example: Int) throws(QuantityError) -> Double {
        try weight(ofExample: example) / engine.source.meanWeight
    }

    /// The places of a lane's examples in the batch.
    public func examples(ofLane lane: Int) -> Range<Int> {
        precondition(lane >= 0 && lane < laneCount, "a batch of \(laneCount) lanes has no lane \(lane)")
        return engine.workspace.laneStarts[lane]..<engine.workspace.laneStarts[lane + 1]
    }

    /// The sum of the weights of a lane's examples.
    public func weight(ofLane lane: Int) throws(QuantityError) -> Double {
        var sum = 0.0
        for example in examples(ofLane: lane) { sum += try weight(ofExample: example) }
        return sum
    }

    // MARK: Numbers

    /// Lends the numbers of a parameter, for the call of `body`: in the order of memory, which is the same for the
    /// gradient and for parameters before and after, and need not be the order of the parameter's shape.
    public func withNumbers<Result>(
        _ numbers: Numbers, of parameter: Int, _ body: (Span<Float>) throws -> Result
    ) throws -> Result {
        let index = engine.program.gradients[parameter].parameter
        let start = try vector(numbers) + engine.layout.offsets[index]
        return try body(UnsafeBufferPointer(start: start, count: engine.layout.parameters[index].count).span)
    }

    /// A copy of the numbers of a parameter in the order of its shape.
    public func values(_ numbers: Numbers, of parameter: Int) throws(QuantityError) -> [Float] {
        engine.layout.read(engine.program.gradients[parameter].parameter, from: try vector(numbers))
    }

    // MARK: Products of the Hessian

    /// H d, the product of the Hessian of the batch's mean loss and a direction, at the parameters before the update:
    /// ``UpdateNeeds/tangent``.
    ///
    /// `direction` gives d: for a trained parameter, as many numbers as it has, in the order of its shape. The order of the
    /// sums is a function of the recipe alone. Throws ``QuantityError/productNotFinite``, and errors of `direction`.
    ///
    /// ```swift
    /// let g = try update.hessianProduct { try update.values(.gradient, of: $0) }
    /// let curvature = g.curvature  // g'Hg / |g|^2: along the gradient
    /// ```
    public func hessianProduct(along direction: (_ parameter: Int) throws -> [Float]) throws -> HessianProduct {
        guard needs.contains(.tangent), let products, let before = engine.workspace.whole?.before else {
            throw QuantityError.notAmongNeeds(.tangent)
        }
        let parameters = engine.program.gradients.map(\.parameter)
        var directions: [Int: [Float]] = [:]
        for (place, parameter) in parameters.enumerated() {
            let count = engine.layout.parameters[parameter].count
            let numbers = try direction(place)
            precondition(numbers.count == count, "\(parameterName(place)) has \(count) numbers, not \(numbers.count)")
            directions[parameter] = numbers
        }
        let (current, layout) = (engine.current.pointee, engine.layout)
        // what does not train has not been copied, for it is as it was
        let found = products.product(
            of: next, order: current.order, loaded: current.loaded,
            at: { layout.read($0, from: directions[$0] == nil ? engine.trained.parameters : before) },
            along: { directions[$0] ?? [] })
        guard let found else { throw QuantityError.productNotFinite }
        return HessianProduct(
            direction: parameters.map { directions[$0] ?? [] }, values: parameters.map { found[$0] ?? [] })
    }

    private func vector(_ numbers: Numbers) throws(QuantityError) -> UnsafePointer<Float> {
        let need: UpdateNeeds = numbers == .gradient ? .gradient : .parameters
        guard needs.contains(need), let whole = engine.workspace.whole else { throw .notAmongNeeds(need) }
        switch numbers {
        case .gradient: return UnsafePointer(whole.kept ?? whole.gradient)
        case .parametersBefore:
            guard let before = whole.before else { throw .notAmongNeeds(need) }
            return UnsafePointer(before)
        case .parametersAfter: return UnsafePointer(engine.trained.parameters)
        }
    }
}
