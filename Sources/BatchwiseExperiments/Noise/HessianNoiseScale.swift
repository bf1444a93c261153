import Batchwise

/// The noise scale weighed by the curvature of the loss, B_noise = tr(H S) / (G'HG), at fixed parameters
/// [McCandlish 2018]. Where H is a multiple of the identity it is tr(S) / |G|^2.
///
/// G is the mean gradient over the training set, from one pass. Each sample is a pair of products with the Hessian H_t of
/// some examples of an epoch:
///
///     x = G'H_t G        y = b / 2 (N - 1) / N (g - g')'H_t (g - g')
///
/// where g and g' are the gradients of two batches of b examples of another epoch. Their means are G'HG and tr(HS), and
/// the interval is Fieller's. H is the Hessian of the mean training loss without dropout, augmentation and sampling. It is
/// indefinite, so each of the two may be below 0, and then their ratio is no batch.
package struct HessianNoiseScale: Sendable {
    /// The estimate for the model.
    package let estimate: Estimate
    /// The parts of the layers, whose numerators and denominators add up to those of the model.
    package let layers: [(name: String, estimate: Estimate)]
    /// The examples of each H_t.
    package let examplesPerSample: Int
    /// The examples b of a batch.
    package let batch: Int

    package static let usualSamples = 32
    private static let leastExamples = 256

    /// Measures with so many samples, each of two products.
    package init(
        _ subject: Subject, samples: Int = usualSamples, progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        let sizes = try Sizes(subject)
        (batch, examplesPerSample) = (sizes.batch, sizes.chunk)
        var whole = try TrainingLoss(subject)
        let mean = try whole.gradient().gradient
        let (places, names) = (whole.places, whole.parameters.map { layer(ofParameter: $0.name) })
        let pairs = Places(examples: sizes.examples, batch: 2 * sizes.batch)
        let chunks = Places(examples: sizes.examples, batch: sizes.chunk)
        // the examples of H come from epochs of their own
        let epochs = pairs[samples - 1].epoch
        var gradients = try subject.probe(batch: sizes.batch, needs: .gradient, asTrained: false)
        var hessians = try subject.probe(batch: sizes.chunk, needs: [.gradient, .tangent], asTrained: false)
        let examples = Double(sizes.examples)
        let factor = Double(sizes.batch) / 2 * (examples - 1) / examples
        var model = PairedMeans()
        var parts: [(name: String, means: PairedMeans)] = []
        for name in names where parts.last?.name != name { parts.append((name, PairedMeans())) }
        for index in 0..<samples {
            let (epoch, positions) = pairs[index]
            let middle = positions.lowerBound + sizes.batch
            var difference = try gradients.gradient(at: positions.lowerBound..<middle, ofEpoch: epoch)
            add(-1, try gradients.gradient(at: middle..<positions.upperBound, ofEpoch: epoch), to: &difference)
            let chunk = chunks[index]
            let (x, y) = try hessians.measure(at: chunk.positions, ofEpoch: epochs + chunk.epoch) { update in
                (try update.curvatures(along: mean, places), try update.curvatures(along: difference, places))
            }
            model.add(x.reduce(0, +), factor * y.reduce(0, +))
            var place = -1
            for (parameter, name) in names.enumerated() {
                let isNew = parameter == 0 || names[parameter - 1] != name
                guard isNew else { continue }
                place += 1
                let last = names[parameter...].firstIndex { $0 != name } ?? names.count
                parts[place].means.add(
                    x[parameter..<last].reduce(0, +), factor * y[parameter..<last].reduce(0, +))
            }
            progress(index + 1, samples)
        }
        estimate = Estimate(model)
        layers = parts.map { ($0.name, Estimate($0.means)) }
    }

    /// Multiply-adds that a measurement with the usual samples takes, about; small models count as larger ones, for
    /// their time is not that of products.
    package static func cost(_ subject: Subject) throws -> Double {
        let sizes = try Sizes(subject)
        let perExample = try Trainer.prepare(
            subject.recipe, data: subject.data.train, validation: subject.data.validation, machine: subject.machine
        ).multiplicationsPerExample
        // a product takes about three times an update, and there are two
        let examples = sizes.examples + usualSamples * (7 * sizes.chunk + 2 * sizes.batch)
        return Double(examples) * max(perExample, 1e4)
    }

    /// The numbers of examples.
    private struct Sizes {
        let examples: Int
        /// Examples of a batch whose gradient is compared with another's.
        let batch: Int
        /// Examples of a Hessian.
        let chunk: Int

        init(_ subject: Subject) throws {
            examples = subject.data.train.count
            let group = try subject.recipe.coupledExamples(of: subject.data.train)?.batch ?? 1
            guard examples >= 2 * group else {
                throw MeasurementError.tooFewExamples(found: examples, needed: 2 * group)
            }
            // whole groups of examples that are normalised together
            batch = min(max(subject.recipe.batch.size, group), examples / 2) / group * group
            chunk = min(max(batch, leastExamples), examples) / group * group
        }
    }
}

extension Probe {
    /// The mean gradient of the examples at these positions, parameter by parameter.
    fileprivate mutating func gradient(at positions: Range<Int>, ofEpoch epoch: Int) throws -> [Double] {
        try measure(at: positions, ofEpoch: epoch) { update in
            var gradient: [Double] = []
            for parameter in 0..<update.parameterCount {
                gradient += try update.values(.gradient, of: parameter).map(Double.init)
            }
            return gradient
        }
    }
}

extension MeasuredUpdate {
    /// v'Hv as the sum of v_p'(Hv)_p over parameters p: these parts.
    fileprivate func curvatures(along vector: [Double], _ places: [Range<Int>]) throws -> [Double] {
        let length = norm(vector)
        guard length > 0 else { return places.map { _ in 0 } }
        do {
            // along a vector of unit length nothing overflows
            let found = try hessianProduct { parameter in vector[places[parameter]].map { Float($0 / length) } }
            return zip(found.direction, found.values).map { direction, product in
                length * length * zip(direction, product).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
        } catch QuantityError.productNotFinite {
            throw MeasurementError.hessianNotFinite
        }
    }
}
