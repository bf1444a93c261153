import Foundation
import Testing

@testable import Batchwise

/// Training with AdaScale [Johnson 2020]: gains and rates against a loop in Double, and the same bits for any machine.
@Suite struct AdaScaleTests {
    private static func recipe(_ model: LayerList, batch: Int = 16, base: Int = 4, epochs: Int = 4) -> Recipe {
        Recipe(
            model: model, batch: Batch(size: batch), optimizer: .sgd,
            learningRate: .base(0.03, atBatch: base, scaling: .adaScale).warmup(.updates(5)).decay(.linear()),
            epochs: epochs, seed: 7)
    }

    /// The rate of the base batch at tau of its updates: up from a tenth in 5 updates, then down along a line to 0 at the
    /// last of `total` updates.
    private func baseRate(_ tau: Double, total: Double) -> Double {
        tau < 5 ? 0.003 + 0.027 * tau / 5 : 0.03 * (1 - min((tau - 5) / (total - 1 - 5), 1))
    }

    /// Epochs of 3 batches of 16 and one of 12, weighted or not; base batches of 4.
    @Test(arguments: [false, true], [1.5, 0.2]) func aRunIsThatOfTheLoop(isWeighted: Bool, noise: Double) throws {
        let (count, base, scale, epochs) = (60, 4.0, 4.0, 4)
        let problem = LinearProblem(count, noise: noise, isWeighted: isWeighted)
        let recipe = Self.recipe(layers(Dense(1)), epochs: epochs)
        var trainer = try Trainer(recipe, data: problem.dataset(), machine: Machine(threads: 2))
        var theta = trainer.model().values.flatMap { $0.map { Double($0) } }
        let total = Double(epochs * count) / base
        var (tau, square, variance, samples) = (0.0, 0.0, 0.0, 0)
        var epoch = 1
        while tau < total - 1e-6 {
            let order = EpochOrder(count: count, seed: 7, epoch: epoch)
            for first in stride(from: 0, to: count, by: 16) {
                let n = min(16, count - first)
                let own = (first..<first + n).map { problem.gradient(order[$0], theta).gradient }
                let g = LinearProblem.mean(own)
                let s = Double(n) / base
                let (noisy, clear) = (max(variance, 0) / base, max(square, 0))
                let gain = samples == 0 ? 1 : (noisy + clear) / (noisy / s + clear)
                let rate = gain * baseRate(tau, total: total)
                for place in theta.indices { theta[place] -= rate * g[place] }
                tau += gain
                // unbiased estimates, of the mean and the variance over all examples
                let q = own.reduce(0) { $0 + LinearProblem.square($1) } / Double(n)
                let p = LinearProblem.square(g)
                let y = Double(n) * (q - p) / Double(n - 1)
                let x = (Double(n) * p - q) / Double(n - 1)
                samples += 1
                let weight = max(1 / Double(samples), scale / 1000)
                square += weight * (x + y / Double(count) - square)
                variance += weight * (y * (1 - 1 / Double(count)) - variance)

                let report = try trainer.update()
                #expect(abs((report.gain ?? 0) / gain - 1) < 1e-3, "update \(report.index)")
                #expect(abs(report.learningRate - rate) < 1e-3 * rate + 1e-6)
                #expect(abs((report.baseUpdates ?? -1) - min(tau, total)) < 1e-2)
                #expect(gain > 0.999 && gain < s + 1e-9)
            }
            epoch += 1
        }
        #expect(trainer.isFinished && trainer.progress.epoch == epoch && epoch > epochs)
        let found = trainer.model().values.flatMap { $0.map { Double($0) } }
        for (own, other) in zip(found, theta) { #expect(abs(own - other) < 1e-3) }
    }

    /// Without noise an update of 16 is worth one of 4, and the run takes four times the epochs.
    @Test func withoutNoiseTheGainIsOne() throws {
        let data = try Dataset(
            features: [Float](repeating: 0.5, count: 64 * 3), shape: [3], values: [Float](repeating: 2, count: 64),
            mean: 0, deviation: 1)
        var trainer = try Trainer(Self.recipe(layers(Dense(1)), epochs: 2), data: data)
        try trainer.run { report in
            #expect(abs((report.gain ?? 0) - 1) < 1e-3)
            return .proceed
        }
        #expect(trainer.progress.epoch == 9 && trainer.progress.updates == 8 * 4 && trainer.totalUpdates == 8 * 4)
    }

    /// At the base batch the gain is 1, and the bits are those of a recipe without AdaScale.
    @Test func atTheBaseBatchItIsPlainTraining() throws {
        let data = try SmallData.classes(70, weighted: true)
        var recipe = Self.recipe(layers(Dense(9), Tanh(), Dense(.classes)), base: 16)
        let hash = try Trainer.fingerprint(recipe, data, Machine(threads: 2))
        recipe.learningRate.scaling = .none
        #expect(try Trainer.fingerprint(recipe, data, Machine()) == hash)
        recipe.learningRate.scaling = .adaScale
        recipe.learningRate.atBatch = 8
        #expect(try Trainer.fingerprint(recipe, data, Machine()) != hash)
    }

    struct Model: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var layers: LayerList
        var shape = [12]
        var lanes: Int?
        var grain: Int? = 1
    }

    static let models = [
        Model(
            testDescription: "dense", layers: layers(Dense(9), LayerNorm(), Tanh(), Dropout(0.2), Dense(.classes))),
        Model(
            testDescription: "convolutional",
            layers: layers(Conv2D(filters: 3, kernel: 3), ReLU(), Flatten(), Dense(.classes)), shape: [6, 6, 2]),
        Model(
            testDescription: "ghost batches, by lanes", layers: layers(Dense(9), BatchNorm(ghost: 4), Dense(.classes)),
            lanes: 4, grain: 4),
    ]

    /// The same bits for any micro-batch and threads, and wherever the run is resumed.
    @Test(arguments: models) func sameBitsForAnyMachineAndResumed(model: Model) throws {
        let data = try SmallData.classes(55, shape: model.shape, weighted: true)
        var recipe = Self.recipe(model.layers, epochs: 2)
        recipe.batch.grain = model.grain
        recipe.batch.lanes = model.lanes
        recipe.optimizer = .sgd(momentum: 0.9)
        recipe.clip = .norm(2)
        var whole = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        var gains: [Double?] = []
        let hash = try whole.run {
            gains.append($0.gain)
            return .proceed
        }.parametersSHA256
        #expect(Set(gains).count > 3)
        for machine in [
            Machine(threads: 2), Machine(threads: 1, microBatch: 1), Machine(threads: 1, microBatch: 3),
            Machine(threads: 2, microBatch: 3),
        ] {
            #expect(try Trainer.fingerprint(recipe, data, machine) == hash, "\(machine)")
        }
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try Trainer(recipe, data: data, machine: Machine(threads: 2))
        while !first.isFinished {
            try first.checkpoint().write(to: path)
            var second = try Trainer(recipe, data: data, machine: Machine(threads: 1, microBatch: 3))
            try second.restore(Checkpoint(contentsOf: path))
            let done = first.progress.updates
            var rest: [Double?] = []
            let found = try second.run {
                rest.append($0.gain)
                return .proceed
            }.parametersSHA256
            #expect(found == hash && rest == Array(gains[done...]), "after \(done) updates")
            _ = try first.update()
        }
    }

    @Test(arguments: models) func theAuditAcceptsIt(model: Model) throws {
        var recipe = Self.recipe(model.layers)
        recipe.batch.grain = model.grain
        recipe.batch.lanes = model.lanes
        let data = try SmallData.classes(55, shape: model.shape)
        let certificate = try Audit(recipe, data: data, updates: 6, workers: 2).run()
        #expect(certificate.verdict == .sameBits, "\(certificate)")
    }

    /// A checkpoint may hold only a state that a run of this recipe can have.
    @Test func otherStatesAreRefused() throws {
        let data = try SmallData.classes(55)
        let recipe = Self.recipe(layers(Dense(.classes)))
        var trainer = try Trainer(recipe, data: data)
        for _ in 0..<3 { _ = try trainer.update() }
        let checkpoint = trainer.checkpoint()
        try trainer.restore(checkpoint)
        let changes: [(inout AdaScaleState) -> Void] = [
            { $0.examples = -1 }, { $0.examples = 1e9 }, { $0.samples = 4 }, { $0.samples = -1 },
            { $0.variance = .nan },
        ]
        for change in changes {
            var other = checkpoint
            if var state = other.progress.adaScale {
                change(&state)
                other.progress.adaScale = state
            }
            #expect(throws: CheckpointError.self) { try trainer.restore(other) }
        }
        var without = checkpoint
        without.progress.adaScale = nil
        #expect(throws: CheckpointError.self) { try trainer.restore(without) }
    }

    @Test func whatCannotBeUsedIsRefused() throws {
        let data = try SmallData.classes(100)
        func message(_ change: (inout Recipe) -> Void) -> String {
            var recipe = Self.recipe(layers(Dense(9), Tanh(), Dense(.classes)))
            change(&recipe)
            do {
                _ = try Trainer(recipe, data: data).plan
                return ""
            } catch { return "\(error)" }
        }
        #expect(message { $0.seed = 3 } == "")
        #expect(
            message { recipe in
                recipe.batch.grow = BatchGrowth(.times(2, at: [.epochs(1)]))
                recipe.learningRate.warmup = nil
            }.contains("learning-rate.scaling: expected another rule beside batch.grow"))
        #expect(
            message { $0.learningRate.decay = .plateau(.init(metric: .trainLoss)) }
                .contains("learning-rate.decay: expected a decay by the clock"))
        #expect(
            message { $0.learningRate.atBatch = 17 }.contains(
                "learning-rate.at-batch: expected at most the batch of 16"))
        let wholeBatch = message { $0.model = layers(Dense(9), BatchNorm(over: .batch), Dense(.classes)) }
        #expect(wholeBatch.contains("layer 1 (batch-norm) normalises the whole batch together"), "\(wholeBatch)")
        let lanes = message { $0.model = layers(Dense(9), BatchNorm(ghost: 16), Dense(.classes)) }
        #expect(lanes.contains("lanes"), "\(lanes)")
    }

    @Test func thePlanSaysWhenTheRunEnds() throws {
        var recipe = Self.recipe(layers(Dense(.classes)), epochs: 3)
        let data = try SmallData.classes(64)
        let notices = try Plan(recipe, data: data).notices
        #expect(notices.contains { $0.contains("between epochs 3 and 12") }, "\(notices)")
        #expect(!notices.contains { $0.contains("derived for SGD") })
        recipe.optimizer = .adam()
        #expect(try Plan(recipe, data: data).notices.contains { $0.contains("too large for adam") })
    }

    /// Early samples all count the same; later ones by 1 - theta = S / 1000.
    @Test func meansAreRunning() {
        var numbers = TestNumbers("running means")
        let samples = (0..<700).map { _ in (numbers.normal(), numbers.uniform()) }
        for scale in [4.0, 2000] {
            var state = AdaScaleState()
            var (square, variance) = (0.0, 0.0)
            let theta = max(1 - scale / 1000, 0)
            for (index, sample) in samples.enumerated() {
                var part = NoiseSample.Part(
                    layer: "", mean: 0, ofBatches: 0, batches: 2, examples: 2, population: nil)
                (part.squaredNorm, part.variance) = sample
                state.add(part, scale: scale)
                if Double(index + 1) < 1 / (1 - theta) {
                    square = samples[...index].reduce(0) { $0 + $1.0 } / Double(index + 1)
                    variance = samples[...index].reduce(0) { $0 + $1.1 } / Double(index + 1)
                } else {
                    square = theta * square + (1 - theta) * sample.0
                    variance = theta * variance + (1 - theta) * sample.1
                }
                #expect(abs(state.squaredNorm - square) < 1e-9 && abs(state.variance - variance) < 1e-9)
            }
        }
        var part = NoiseSample.Part(layer: "", mean: 0, ofBatches: 0, batches: 2, examples: 2, population: nil)
        (part.squaredNorm, part.variance) = (1, 32)
        var state = AdaScaleState()
        #expect(state.gain(batch: 256, base: 32) == 1 && state.gain(batch: 16, base: 32) == 1)
        state.add(part, scale: 8)
        // (s^2, m^2, S) = (1, 1, 8)
        #expect(abs(state.gain(batch: 256, base: 32) - 16.0 / 9) < 1e-15)
        part.squaredNorm = .infinity
        state.add(part, scale: 8)
        #expect(state.samples == 1)
    }
}
