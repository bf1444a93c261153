/// The sample that one update gives of |G|^2, the squared norm of the mean gradient, and of tr(S), the variance of an
/// example's gradient.
///
/// The update's n examples make m small batches: single examples or lanes. With P the squared norm of the mean gradient
/// and Q the mean of the small batches' squared norms, weighted by their examples, x = (m P - Q) / (m - 1) and
/// y = n (Q - P) / (m - 1) are unbiased for examples that are drawn with replacement [McCandlish 2018]. An epoch draws
/// without replacement from N examples: then x + y / N is unbiased for |G|^2, and y (N - 1) / N for tr(S), where G and S
/// are the mean and the variance over the N examples. Either may come out below 0; sums over updates are divided, never
/// the samples.
public struct NoiseSample: Sendable, Hashable, Codable {
    /// The part of one layer, or of the whole model.
    public struct Part: Sendable, Hashable, Codable {
        /// The layer's name; empty for the model.
        public var layer: String
        /// The estimate of |G|^2.
        public var squaredNorm: Double
        /// The estimate of tr(S).
        public var variance: Double

        /// The estimates from P and Q over `batches` small batches of together `examples` examples, drawn from
        /// `population` examples without replacement; nil: with replacement.
        package init(layer: String, mean: Double, ofBatches: Double, batches: Int, examples: Int, population: Int?) {
            let m = Double(batches)
            let x = (m * mean - ofBatches) / (m - 1)
            let y = Double(examples) * (ofBatches - mean) / (m - 1)
            let inverse = population.map { 1 / Double($0) } ?? 0
            self.layer = layer
            squaredNorm = x + y * inverse
            variance = y * (1 - inverse)
        }
    }

    /// The number m of small batches, at least 2.
    public var smallBatches: Int
    /// The number n of examples.
    public var examples: Int
    /// The estimates for the model.
    public var model: Part
    /// The estimates for each layer, in the model's order.
    public var layers: [Part]

    package init(smallBatches: Int, examples: Int, model: Part, layers: [Part]) {
        (self.smallBatches, self.examples, self.model, self.layers) = (smallBatches, examples, model, layers)
    }
}

/// A sample of the gradient's noise from every update, or from every so many: see ``NoiseSample``.
///
/// ```swift
/// let noise = GradientNoise()
/// var trainer = try Trainer(recipe, data: data, quantities: [noise])
/// var scale = NoiseScale()
/// try trainer.run { report in
///     if let sample = report.measurements[noise] { scale.add(sample) }
///     return .proceed
/// }
/// print(scale.estimate)  // the noise scale and its interval
/// ```
public struct GradientNoise: Quantity, Hashable {
    /// The small batches whose gradients are compared.
    public enum Source: String, Sendable, Hashable, Codable {
        /// Single examples. Models with batch normalisation have no gradients of these.
        case examples
        /// The lanes of the batch: few, so many updates are needed.
        case lanes
    }

    /// The small batches.
    public var source: Source
    /// The number of updates from one sample to the next.
    public var every: Int

    /// A sample from every update, or from every so many.
    public init(_ source: Source = .examples, every: Int = 1) {
        self.source = source
        self.every = max(every, 1)
    }

    /// Samples for a run to show while it trains, from every eighth update: of single examples, or of lanes where a
    /// layer normalises examples together. A sample takes a tenth to a fifth of an update.
    package init(live recipe: Recipe, _ data: Dataset) throws {
        self.init(try recipe.coupledExamples(of: data) == nil ? .examples : .lanes, every: 8)
    }

    /// The name of the values among measurements: `noise_sample`.
    public var name: String { "noise_sample" }
    /// The batch's gradient norm and those of its small batches.
    public var needs: UpdateNeeds { [.gradientNorms, source == .examples ? .exampleNorms : .laneNorms] }
    /// Whether the number of the update is a multiple of `every`, or 1.
    public func isDue(at update: Int) -> Bool { every == 1 || update % every == 1 }

    /// The sample; nil where the batch has fewer than two small batches.
    public func value(of update: borrowing MeasuredUpdate) throws -> NoiseSample? {
        let batches = source == .examples ? update.exampleCount : update.laneCount
        guard batches > 1 else { return nil }
        var layers: [(name: String, mean: Double, ofBatches: Double)] = []
        for parameter in 0..<update.parameterCount {
            let name = layer(ofParameter: update.parameterName(parameter))
            if layers.last?.name != name { layers.append((name, 0, 0)) }
            layers[layers.count - 1].mean += try update.squaredNorm(.gradient, of: parameter)
            layers[layers.count - 1].ofBatches += try meanSquare(update, parameter)
        }
        func part(_ name: String, _ mean: Double, _ ofBatches: Double) -> NoiseSample.Part {
            .init(
                layer: name, mean: mean, ofBatches: ofBatches, batches: batches, examples: update.exampleCount,
                population: update.population)
        }
        return NoiseSample(
            smallBatches: batches, examples: update.exampleCount,
            model: part("", layers.reduce(0) { $0 + $1.mean }, layers.reduce(0) { $0 + $1.ofBatches }),
            layers: layers.map { part($0.name, $0.mean, $0.ofBatches) })
    }

    /// The mean of the small batches' squared norms, each weighted by its examples.
    private func meanSquare(_ update: borrowing MeasuredUpdate, _ parameter: Int) throws -> Double {
        var sum = 0.0
        switch source {
        case .examples:
            for example in 0..<update.exampleCount {
                let share = try update.relativeWeight(ofExample: example)
                sum += share * share * (try update.squaredNorm(.example(example), of: parameter))
            }
        case .lanes:
            for lane in 0..<update.laneCount {
                sum +=
                    Double(update.examples(ofLane: lane).count) * (try update.squaredNorm(.lane(lane), of: parameter))
            }
        }
        return sum / Double(update.exampleCount)
    }
}

/// The layer around a parameter: `0.weight` belongs to layer `0`.
package func layer(ofParameter name: String) -> String {
    name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
}
