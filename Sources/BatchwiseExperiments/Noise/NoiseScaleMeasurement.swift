import Batchwise

/// The gradient noise scale at fixed parameters, from batches as training draws them.
///
/// Each batch gives a sample of |G|^2 and of tr(S). Its small batches are single examples; where a layer normalises
/// examples of a batch together, they are whole batches of the examples that it normalises together.
package struct NoiseScaleMeasurement: Sendable {
    package var noise = NoiseScale()
    /// The mean loss of the batches.
    package private(set) var loss = MeanWithInterval()
    /// A sentence for a person about the small batches; nil where they are single examples.
    package var notice: String?

    /// Measures so many batches of the recipe's size. Where `updates` is nil there are 64, or one pass over the data set
    /// and at least 16 where that is fewer.
    package init(_ subject: Subject, updates: Int? = nil, progress: (Int, Int) -> Void = { _, _ in }) throws {
        guard let coupled = try subject.recipe.coupledExamples(of: subject.data.train) else {
            let size = min(subject.recipe.batch.size, subject.data.train.count)
            try measureExamples(subject, batch: max(size, 2), updates, progress)
            return
        }
        notice =
            "layer \(coupled.layer) normalises examples together: batches of \(coupled.batch) are compared in place of "
            + "single examples"
        try measureGroups(of: coupled.batch, subject, updates, progress)
    }

    private static func usualUpdates(perEpoch: Int) -> Int { min(64, max(perEpoch, 16)) }

    private mutating func measureExamples(
        _ subject: Subject, batch: Int, _ updates: Int?, _ progress: (Int, Int) -> Void
    ) throws {
        let quantity = GradientNoise()
        var probe = try subject.probe(batch: batch, needs: quantity.needs)
        guard probe.examples > 1 else { throw MeasurementError.tooFewExamples(found: probe.examples, needed: 2) }
        let places = Places(examples: probe.examples, batch: min(batch, probe.examples))
        let count = updates ?? Self.usualUpdates(perEpoch: places.perEpoch)
        for index in 0..<count {
            let (epoch, positions) = places[index]
            let (sample, value) = try probe.measure(at: positions, ofEpoch: epoch) {
                (try quantity.value(of: $0), $0.loss)
            }
            if let sample { noise.add(sample) }
            loss.add(value)
            progress(index + 1, count)
        }
    }

    /// Eight groups of examples make a sample, each with a mean gradient of its own.
    private mutating func measureGroups(
        of group: Int, _ subject: Subject, _ updates: Int?, _ progress: (Int, Int) -> Void
    ) throws {
        var probe = try subject.probe(batch: group, needs: .gradient)
        let places = Places(examples: probe.examples, batch: group)
        let groups = 8
        guard places.perEpoch > 1 else {
            throw MeasurementError.tooFewExamples(found: probe.examples, needed: 2 * group)
        }
        let count = updates ?? Self.usualUpdates(perEpoch: places.perEpoch / groups)
        for index in 0..<count {
            var mean = GradientMean()
            for place in 0..<groups {
                let (epoch, positions) = places[index * groups + place]
                loss.add(
                    try probe.measure(at: positions, ofEpoch: epoch) { update in
                        try mean.add(update)
                        return update.loss
                    })
            }
            noise.add(mean.sample(examplesPerBatch: group))
            progress(index + 1, count)
        }
    }
}

/// Full batches one after the other, over as many epochs as it takes.
struct Places {
    let batch: Int
    let perEpoch: Int

    init(examples: Int, batch: Int) {
        self.batch = batch
        perEpoch = examples / max(batch, 1)
    }

    subscript(index: Int) -> (epoch: Int, positions: Range<Int>) {
        let (epoch, place) = index.quotientAndRemainder(dividingBy: perEpoch)
        return (epoch + 1, place * batch..<(place + 1) * batch)
    }
}

/// The mean of gradients and the mean of their squared norms, layer by layer.
struct GradientMean {
    private var names: [String] = []
    private var sums: [[Double]] = []
    private var squares: [Double] = []
    private(set) var count = 0
    private var population: Int?

    mutating func add(_ update: borrowing MeasuredUpdate) throws {
        if count == 0 {
            names = (0..<update.parameterCount).map { update.parameterName($0) }
            squares = names.map { _ in 0 }
            population = update.population
            sums = names.map { _ in [] }
        }
        for parameter in 0..<update.parameterCount {
            try update.withNumbers(.gradient, of: parameter) { numbers in
                if sums[parameter].isEmpty { sums[parameter] = Array(repeating: 0, count: numbers.count) }
                for place in numbers.indices {
                    let value = Double(numbers[place])
                    sums[parameter][place] += value
                    squares[parameter] += value * value
                }
            }
        }
        count += 1
    }

    /// The sample of |G|^2 and tr(S) that these gradients make, each of so many examples.
    func sample(examplesPerBatch: Int) -> NoiseSample {
        let divisor = Double(count)
        var layers: [(name: String, mean: Double, ofBatches: Double)] = []
        for (place, name) in names.enumerated() {
            let name = layer(ofParameter: name)
            if layers.last?.name != name { layers.append((name, 0, 0)) }
            layers[layers.count - 1].mean += sums[place].reduce(0) { $0 + ($1 / divisor) * ($1 / divisor) }
            layers[layers.count - 1].ofBatches += squares[place] / divisor
        }
        func part(_ name: String, _ mean: Double, _ ofBatches: Double) -> NoiseSample.Part {
            .init(
                layer: name, mean: mean, ofBatches: ofBatches, batches: count, examples: count * examplesPerBatch,
                population: population)
        }
        return NoiseSample(
            smallBatches: count, examples: count * examplesPerBatch,
            model: part("", layers.reduce(0) { $0 + $1.mean }, layers.reduce(0) { $0 + $1.ofBatches }),
            layers: layers.map { part($0.name, $0.mean, $0.ofBatches) })
    }
}
