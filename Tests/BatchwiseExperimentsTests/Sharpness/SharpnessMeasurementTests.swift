import Batchwise
import Testing

@testable import BatchwiseExperiments

/// Sharpness of least squares, whose rise in a box is known, and of networks that are rescaled.
@Suite struct SharpnessMeasurementTests {
    /// Four examples with orthogonal features, so that the squared error is a sum over weights: 2 mean x_i^2 each.
    private static let features: [[Float]] = [[1, 2], [-1, 2], [1, -2], [-1, -2]]

    /// A linear model at these weights, which it is the best for.
    private static func parabola(_ weights: [Float]) throws -> Subject {
        let values = features.map { zip($0, weights).reduce(0) { $0 + $1.0 * $1.1 } }
        let data = try Dataset(features: features.flatMap { $0 }, shape: [2], values: values)
        let recipe = Recipe(
            model: LayerList([Dense(1, bias: false)]), loss: .meanSquaredError(), batch: Batch(size: 2),
            optimizer: .sgd, learningRate: .constant(0.1), epochs: 1)
        var model = try Trainer(recipe, data: data).model()
        // targets are standardised, and so are the weights that fit them
        let deviation = try #require(data.targetMoments).deviations[0]
        model.values = [weights.map { $0 / Float(deviation) }]
        return try Subject(recipe, data, model: model)
    }

    @Test(arguments: [[Float(1), 3], [0.2, -5], [-2, 0.5]])
    func theRiseOfAParabolaInABoxIsKnown(weights: [Float]) throws {
        let subject = try Self.parabola(weights)
        let model = try #require(subject.model)
        var settings = SharpnessMeasurement.Settings()
        settings.epsilons = [0.01, 0.002]
        let found = try SharpnessMeasurement(subject, settings)
        #expect(found.loss < 1e-10)
        for (box, epsilon) in zip(found.boxes, settings.epsilons) {
            // mean x_i^2 is 1 and 4: the loss rises by sum of mean x_i^2 z_i^2 to a corner
            let bounds = model.values[0].map { epsilon * (abs(Double($0)) + 1) }
            let rise = bounds[0] * bounds[0] + 4 * bounds[1] * bounds[1]
            #expect(box.dimensions == nil && abs(box.largestLoss / rise - 1) < 1e-3)
            #expect(abs(box.sharpness / (100 * rise) - 1) < 1e-3)
        }
        // two directions span the plane, but their box is another one
        #expect(found.boxes.count == 4 && found.boxes[2].dimensions == 2 && found.boxes[2].largestLoss > 0)
        // the gradient is 0 there
        #expect((found.ascent.rise ?? 1) <= found.ascent.radius * found.ascent.radius * 4.001)
    }

    /// A single search that begins at a minimum, where the gradient is 0, stays there: random places are needed.
    @Test func randomPlacesLeaveAMinimum() throws {
        let (features, values): ([Float], [Float]) = ([1, -1, 1, -1], [1, 1, -1, -1])
        let data = try Dataset(features: features, shape: [1], values: values)
        let recipe = Recipe(
            model: LayerList([Dense(1, bias: false)]), loss: .meanSquaredError(), optimizer: .sgd,
            learningRate: .constant(0.1), epochs: 1)
        var model = try Trainer(recipe, data: data).model()
        model.values = [[0]]
        let subject = try Subject(recipe, data, model: model)
        var settings = SharpnessMeasurement.Settings()
        settings.starts = 1
        #expect(try SharpnessMeasurement(subject, settings).boxes[0].sharpness == 0)
        settings.starts = 2
        #expect(try SharpnessMeasurement(subject, settings).boxes[0].sharpness > 0)
    }

    /// f(w + rho g / |g|) - f(w) of a parabola: rho |g| + rho^2 g'Hg / 2 |g|^2.
    @Test func theStepAlongTheGradientIsKnown() throws {
        var subject = try Self.parabola([1, 3])
        var model = try #require(subject.model)
        let best = model.values[0].map(Double.init)
        let away = [0.3, -0.2]
        model.values = [zip(best, away).map { Float($0 + $1) }]
        subject = try Subject(subject.recipe, subject.data.train, model: model)
        let found = try SharpnessMeasurement(subject).ascent
        let gradient = [2 * away[0], 8 * away[1]]
        let length = norm(gradient)
        let curvature = (2 * gradient[0] * gradient[0] + 8 * gradient[1] * gradient[1]) / (length * length)
        let rise = 0.05 * length + 0.05 * 0.05 * curvature / 2
        #expect(abs(found.firstOrder / (0.05 * length) - 1) < 1e-4)
        #expect(abs(try #require(found.rise) / rise - 1) < 1e-4)
    }

    /// Scaling one ReLU layer by a and the next by 1/a leaves the loss and changes both measures.
    @Test func rescalingChangesTheMeasureAndNotTheLoss() throws {
        let data = Dataset.digits().train.prefix(200)
        let recipe = Recipe(
            model: LayerList([Flatten(), Dense(16), ReLU(), Dense(.classes)]), optimizer: .sgd,
            learningRate: .constant(0.1), epochs: 5)
        var trainer = try Trainer(recipe, data: data)
        let model = try trainer.run()
        var rescaled = model
        for (index, parameter) in model.parameters.enumerated() {
            let factor: Float = parameter.name.hasPrefix("1.") ? 8 : parameter.name == "3.weight" ? 0.125 : 1
            rescaled.values[index] = model.values[index].map { $0 * factor }
        }
        let before = try SharpnessMeasurement(Subject(recipe, data, model: model))
        let after = try SharpnessMeasurement(Subject(recipe, data, model: rescaled))
        #expect(abs(after.loss / before.loss - 1) < 1e-6)
        #expect(abs(after.boxes[0].sharpness / before.boxes[0].sharpness - 1) > 0.2)
        let ends = try [model, rescaled].map {
            try CurvatureMeasurement(Subject(recipe, data, model: $0), .init(eigenvalues: 1, steps: 40), vectors: 2)
                .spectrum.largest[0].value
        }
        #expect(ends[1] > 1.5 * ends[0])
        // slices have directions as long as the weights, so the same rescaling leaves them
        let slices = try [model, rescaled].map { try LossSlice(Subject(recipe, data, model: $0), directions: 1) }
        for (a, b) in zip(slices[0].losses[0], slices[1].losses[0]) {
            #expect(abs(try #require(a) / (try #require(b)) - 1) < 1e-4)
        }
    }

    // MARK: Slices

    @Test func filtersOfADirectionAreAsLongAsThoseOfTheWeights() throws {
        let data = Dataset.digits().train.prefix(20)
        let recipe = Recipe(
            model: LayerList([Conv2D(filters: 3, kernel: 3), ReLU(), Flatten(), Dense(.classes)]), optimizer: .sgd,
            learningRate: .constant(0.1), epochs: 1)
        let loss = try TrainingLoss(Subject(recipe, data))
        let origin = loss.position
        let direction = LossSlice.direction(loss, from: origin, CounterRandom(seed: 1, purpose: .direction))
        for (parameter, range) in zip(loss.parameters, loss.places) {
            let (shape, weights) = parameter.toFile(origin[range].map { Float($0) })
            let along = parameter.toFile(direction[range].map { Float($0) }).values
            guard shape.count > 1 else {
                #expect(along.allSatisfy { $0 == 0 })
                continue
            }
            let filter = weights.count / shape[0]
            for start in stride(from: 0, to: weights.count, by: filter) {
                let (a, b) = (weights[start..<start + filter], along[start..<start + filter])
                let length = norm(a.map(Double.init))
                #expect(abs(length - norm(b.map(Double.init))) <= 1e-5 * length)
                #expect(Array(a) != Array(b) || length == 0)
            }
        }
    }

    /// Along a line a parabola is a parabola, and over a plane its middle row is that line.
    @Test func slicesOfAParabolaAreParabolas() throws {
        let subject = try Self.parabola([1, 3])
        let line = try LossSlice(subject, directions: 1)
        let losses = try line.losses[0].map { try #require($0) }
        #expect(line.places.first == -1 && line.places.last == 1 && line.places.count == 41 && losses.count == 41)
        let side = losses[40]
        for (place, loss) in zip(line.places, losses) { #expect(abs(loss - side * place * place) < 1e-4 * side) }
        let plane = try LossSlice(subject, directions: 2)
        #expect(plane.losses.count == 21 && plane.losses.allSatisfy { $0.count == 21 })
        #expect(plane.losses[10] == stride(from: 0, through: 40, by: 2).map { line.losses[0][$0] })
        #expect(plane.losses[0] != plane.losses[20])
    }

    // MARK: Subspaces

    @Test func coordinatesAreThoseOfTheNearestPlace() {
        var numbers = NormalNumbers(3)
        let subspace = RandomSubspace(count: 30, dimensions: 4, random: CounterRandom(seed: 1, purpose: .direction))
        let y = numbers.vector(4)
        let inside = subspace.place(y, from: Array(repeating: 0, count: 30))
        for (a, b) in zip(subspace.coordinates(inside), y) { #expect(abs(a - b) < 1e-9) }
        // the rest of any other place is orthogonal to all directions
        let x = numbers.vector(30)
        let rest = subspace.place(scaled(-1, subspace.coordinates(x)), from: x)
        #expect(subspace.products(rest).allSatisfy { abs($0) < 1e-9 })
    }
}
