import Foundation
import Testing

@testable import Batchwise

/// v <- momentum v + g + decay w; w <- w - rate sign(v), with a second vector that counts the signs.
struct SignSGD: CustomOptimizer {
    var momentum: Float? = 0.9
    var weightDecay: Float = 0
    var name: String { "sign-sgd" }
    var stateNames: [String] { ["velocity", "signs"] }
    var defaultRate: Double { 0.001 }

    func step(
        _ settings: StepSettings, gradient: Span<Float>, parameters: inout MutableSpan<Float>,
        states: inout StateVectors
    ) {
        for place in gradient.indices {
            let slope = gradient[place] + settings.weightDecay * parameters[place]
            let velocity = settings.momentum * states[0, place] + slope
            let sign: Float = velocity > 0 ? 1 : velocity < 0 ? -1 : 0
            states[0, place] = velocity
            states[1, place] += sign
            parameters[place] -= settings.rate * sign
        }
    }
}

/// SGD with momentum as its kernel computes it, and with the sum of a run's gradient added where it is told to.
private struct OwnSGD: CustomOptimizer {
    var looksAtTheRun = false
    var name: String { "own-sgd" }
    var stateNames: [String] { ["momentum"] }
    var defaultRate: Double { 0.03 }
    var momentum: Float? { 0.9 }
    var weightDecay: Float { 0.01 }

    func step(
        _ settings: StepSettings, gradient: Span<Float>, parameters: inout MutableSpan<Float>,
        states: inout StateVectors
    ) {
        var sum: Float = 0
        if looksAtTheRun { for place in gradient.indices { sum += gradient[place] } }
        for place in gradient.indices {
            let slope = (gradient[place] + 1e-3 * sum).addingProduct(settings.weightDecay, parameters[place])
            states[0, place] = slope.addingProduct(settings.momentum, states[0, place])
            parameters[place].addProduct(-settings.rate, states[0, place])
        }
    }
}

/// Optimizers with a mistake in one setting each.
private struct Faulty: CustomOptimizer {
    var stateNames: [String] = []
    var defaultRate = 0.1
    var momentum: Float?
    var weightDecay: Float = 0
    var name: String { "faulty" }
    func step(
        _ settings: StepSettings, gradient: Span<Float>, parameters: inout MutableSpan<Float>,
        states: inout StateVectors
    ) {}
}

/// Optimizers of a program's own: their numbers, their independence of the machine, their checkpoints.
@Suite struct CustomOptimizerTests {
    private static let model = layers(
        Conv2D(filters: 4, kernel: 2), Flatten(), Dense(300).named("wide"), Tanh(), Dense(.classes).named("head"))

    private static func recipe(_ optimizer: Optimizer) -> Recipe {
        Recipe(
            model: model, batch: Batch(size: 24, grain: 4), optimizer: optimizer, learningRate: .constant(0.01),
            epochs: 3)
    }
    private static func data() throws -> Dataset { try SmallData.classes(60, shape: [6, 6, 2], weighted: true) }

    /// Least squares in three numbers against a loop in Double: rate by a schedule, decay of weights alone, groups.
    @Test func signSGDIsThatOfALoop() throws {
        let (x, y): ([Float], [Float]) = ([1, 2, 0.5, -1, 1.5, 3, 2, -0.5], [1, -0.5, 2, 0.25])
        let data = try Dataset(features: x, shape: [2], values: y, mean: 0, deviation: 1)
        var recipe = Recipe(
            model: layers(Dense(.classes)), loss: .meanSquaredError(half: true), batch: Batch(size: 4),
            optimizer: .custom(SignSGD(weightDecay: 0.25)), learningRate: .constant(0.125).decay(.linear), epochs: 16)
        recipe.groups = [ParameterGroup(match: "0.bias", rate: 2)]
        var trainer = try Trainer(recipe, data: data)
        trainer.trained.setParameters([[0.5, -0.25], [0.125]])
        var (w, b, v, signs) = ([0.5, -0.25], 0.125, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
        for update in 0..<16 {
            var slopes = [0.25 * w[0], 0.25 * w[1], 0]
            for row in 0..<4 {
                let features = [Double(x[2 * row]), Double(x[2 * row + 1])]
                let error = w[0] * features[0] + w[1] * features[1] + b - Double(y[row])
                slopes[0] += error * features[0] / 4
                slopes[1] += error * features[1] / 4
                slopes[2] += error / 4
            }
            let rate = 0.125 * (1 - Double(update) / 15)
            for place in 0..<3 {
                v[place] = 0.9 * v[place] + slopes[place]
                let sign: Double = v[place] > 0 ? 1 : v[place] < 0 ? -1 : 0
                signs[place] += sign
                if place < 2 { w[place] -= rate * sign } else { b -= 2 * rate * sign }
            }
            _ = try trainer.update()
            let found = trainer.trained.parameterValues.joined()
            for (a, expected) in zip(found, w + [b]) {
                #expect(abs(Double(a) - expected) < 1e-5, "update \(update + 1)")
            }
        }
        let state = trainer.checkpoint().optimizerState
        #expect(state.count == 2 && state[1].joined().map(Double.init) == signs)
        for (a, expected) in zip(state[0].joined(), v) { #expect(abs(Double(a) - expected) < 1e-5) }
    }

    /// A custom optimizer with the formula of a kernel gives the kernel's bits, also with clipping, groups, and
    /// convolutions and their flipped copies.
    @Test(arguments: [nil, Clipping.norm(0.1), .value(0.01)])
    func sgdOfAProgramIsThatOfTheKernel(clip: Clipping?) throws {
        func fingerprint(_ optimizer: Optimizer) throws -> String {
            var recipe = Self.recipe(optimizer)
            recipe.clip = clip
            recipe.groups = [.init(match: "wide", rate: 0.5), .init(match: "*.bias", weightDecay: 0.1)]
            return try Trainer.fingerprint(recipe, Self.data(), Machine(threads: 2))
        }
        let kernel = try fingerprint(.sgd(momentum: 0.9, weightDecay: 0.01))
        #expect(try fingerprint(.custom(OwnSGD())) == kernel)
        #expect(try fingerprint(.custom(OwnSGD(looksAtTheRun: true))) != kernel)
    }

    /// The bits are the same also for a step that looks at all of its run, because the machine does not cut runs.
    @Test(arguments: [Optimizer.custom(SignSGD()), .custom(OwnSGD(looksAtTheRun: true))])
    func sameBitsForAnyThreadsAndMicroBatch(optimizer: Optimizer) throws {
        let data = try Self.data()
        let one = try Trainer.fingerprint(Self.recipe(optimizer), data, Machine(threads: 1))
        for threads in 1...5 {
            for microBatch in [4, 8, 24] {
                let machine = Machine(threads: threads, microBatch: microBatch)
                #expect(try Trainer.fingerprint(Self.recipe(optimizer), data, machine) == one, "\(machine)")
            }
        }
        var trainer = try Trainer(Self.recipe(optimizer), data: data, quantities: [GradientNorm(), UpdateRatio()])
        let report = try trainer.update()
        #expect(report.measurements[GradientNorm()] ?? 0 > 0 && report.measurements[UpdateRatio()] ?? 0 > 0)
        #expect(try trainer.run().parametersSHA256 == one)
    }

    @Test func resumeEqualsUninterrupted() throws {
        let data = try Self.data()
        var recipe = Self.recipe(.custom(SignSGD()))
        recipe.learningRate = .constant(0.01).decay(.oneCycle)
        let whole = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        let path = FileManager.default.temporaryDirectory.appending(path: "custom-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try Trainer(recipe, data: data)
        for _ in 0..<4 { _ = try first.update() }
        try first.saveCheckpoint(path)
        let file = try Safetensors(path: path)
        #expect(
            file.tensors["optimizer.velocity.head.weight"] != nil && file.tensors["optimizer.signs.head.bias"] != nil)
        var second = try Trainer(recipe, data: data, machine: Machine(threads: 3))
        try second.resume(from: path)
        #expect(try second.checkpoint().encoded() == first.checkpoint().encoded())
        #expect(try second.run().parametersSHA256 == whole)
        // the momentum that the schedule drives reaches the step
        recipe.learningRate = .constant(0.01).decay(.oneCycle(.init(momentum: nil)))
        #expect(try Trainer.fingerprint(recipe, data, Machine(threads: 1)) != whole)
        // an optimizer that keeps other vectors cannot go on with it
        var other = try Trainer(Self.recipe(.custom(OwnSGD())), data: data)
        #expect(throws: CheckpointError.self) { try other.resume(from: path) }
        // the model alone is read with its layers
        #expect(throws: CheckpointError.self) { try Model(contentsOf: path) }
        #expect(try Model(contentsOf: path, model: Self.model).values == first.checkpoint().model.values)
    }

    /// Layers of a program's own beside an optimizer that a recipe can name: its states are found by their names too.
    @Test func aModelOfTheProgramResumesWithAnyOptimizer() throws {
        let data = try SmallData.classes(40, shape: [5, 5])
        let recipe = Recipe(
            model: layers(Mixed(), Flatten(), Dense(.classes)), batch: Batch(size: 8), optimizer: .adam(), epochs: 2)
        let whole = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        let path = FileManager.default.temporaryDirectory.appending(path: "custom-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try Trainer(recipe, data: data)
        for _ in 0..<3 { _ = try first.update() }
        try first.saveCheckpoint(path)
        var second = try Trainer(recipe, data: data)
        try second.resume(from: path)
        #expect(try second.run().parametersSHA256 == whole)
    }

    @Test func noFileHoldsIt() throws {
        let recipe = Self.recipe(.custom(SignSGD()))
        #expect(
            throws: RecipeError.notWritable(
                "sign-sgd is an optimizer of the program's own: a recipe file cannot hold it")
        ) { try recipe.notation() }
        #expect(throws: RecipeError.self) { try JSONEncoder().encode(recipe) }
        #expect(throws: RecipeError.self) { try JSONEncoder().encode(recipe.optimizer) }
        #expect(throws: RecipeError.self) { try Optimizer(notation: .string("sign-sgd")) }
    }

    @Test func optimizersAreEqualWhereTheirSettingsAre() {
        #expect(Optimizer.custom(SignSGD()) == .custom(SignSGD()))
        #expect(Optimizer.custom(SignSGD()).hashValue == Optimizer.custom(SignSGD()).hashValue)
        #expect(Optimizer.custom(SignSGD()) != .custom(SignSGD(weightDecay: 0.1)))
        #expect(Optimizer.custom(OwnSGD()) != .sgd(momentum: 0.9, weightDecay: 0.01))
    }

    @Test(arguments: [
        (Faulty(stateNames: ["a", "a"]), "optimizer.faulty.stateNames"), (Faulty(stateNames: [""]), "stateNames"),
        (Faulty(stateNames: ["a.b"]), "different names without dots"), (Faulty(defaultRate: 0), "defaultRate"),
        (Faulty(momentum: 1), "momentum"), (Faulty(weightDecay: -1), "weightDecay"),
    ])
    fileprivate func mistakesAreNamed(optimizer: Faulty, part: String) throws {
        let recipe = Self.recipe(.custom(optimizer))
        let error = #expect(throws: RecipeError.self) { _ = try Trainer(recipe, data: Self.data()).plan }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }
}
