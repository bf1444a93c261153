import Foundation
import Testing

@testable import Batchwise

/// Rates against those of torch.optim.lr_scheduler, update by update (make-schedules.py).
@Suite struct ScheduleTests {
    struct Fixture: Decodable {
        var schedules: [Case]
        var plateaus: [PlateauCase]
        var trainings: Trainings
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var rate: RecipeValue
        var examples: Int
        var batch: Int
        var epochs: Int
        var rates: [Double]
        var momenta: [Double]?
        var testDescription: String { name }
    }
    struct PlateauCase: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var rate: RecipeValue
        var metrics: [Double]
        var rates: [Double]
        var testDescription: String { name }
    }
    struct Trainings: Decodable {
        var x: [Double]
        var y: [Double]
        var w: [Double]
        var b: [Double]
        var cases: [Training]
    }
    struct Training: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var optimizer: RecipeValue
        var rate: RecipeValue
        var trajectory: [[Double]]
        var testDescription: String { name }
    }

    static func fixture() throws -> Fixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONDecoder().decode(
            Fixture.self, from: Data(contentsOf: tests.appending(path: "Fixtures/schedules.json")))
    }

    /// The examples that have been seen where each update of a run begins.
    static func clock(examples: Int, batch: Int, epochs: Int) -> [Int] {
        (0..<epochs).flatMap { epoch in stride(from: 0, to: examples, by: batch).map { epoch * examples + $0 } }
    }

    private static func isNear(_ a: Double, _ b: Double, _ tolerance: Double = 1e-6) -> Bool {
        abs(a - b) <= tolerance * abs(b) + 1e-14
    }

    private func resolved(_ example: Case) throws -> LearningRate.Resolved {
        try LearningRate(notation: example.rate, usual: .constant(1)).resolved(
            examplesPerEpoch: example.examples, batch: example.batch, epochs: example.epochs)
    }

    @Test(arguments: try fixture().schedules)
    func ratesAreThoseOfPyTorch(example: Case) throws {
        let rate = try resolved(example)
        let clock = Self.clock(examples: example.examples, batch: example.batch, epochs: example.epochs)
        try #require(clock.count >= 120 && example.rates.count == clock.count)
        for (update, (seen, expected)) in zip(clock, example.rates).enumerated() {
            let found = rate.rate(afterExamples: seen)
            #expect(Self.isNear(found, expected), "update \(update + 1): \(found) instead of \(expected)")
        }
    }

    @Test(arguments: try fixture().schedules)
    func momentaAreThoseOfPyTorch(example: Case) throws {
        let rate = try resolved(example)
        let clock = Self.clock(examples: example.examples, batch: example.batch, epochs: example.epochs)
        guard let momenta = example.momenta else {
            #expect(clock.allSatisfy { rate.momentum(afterExamples: $0) == nil })
            return
        }
        for (update, (seen, expected)) in zip(clock, momenta).enumerated() {
            let found = Double(try #require(rate.momentum(afterExamples: seen)))
            #expect(Self.isNear(found, expected), "update \(update + 1): \(found) instead of \(expected)")
        }
    }

    @Test func everyDecayIsCompared() throws {
        let fixture = try Self.fixture()
        let rates = fixture.schedules.map(\.rate) + fixture.plateaus.map(\.rate)
        let names = try rates.map { try LearningRate(notation: $0, usual: .constant(1)).decay.name }
        #expect(Set(names) == Set(LearningRate.Decay.names))
    }

    /// The negative control: one update later, the rate is another.
    @Test func anUpdateTooLateIsSeen() throws {
        for example in try Self.fixture().schedules where example.name != "constant" {
            let rate = try resolved(example)
            let clock = Self.clock(examples: example.examples, batch: example.batch, epochs: example.epochs)
            let wrong = zip(clock, example.rates).count {
                !Self.isNear(rate.rate(afterExamples: $0 + example.batch), $1)
            }
            #expect(wrong > 0, "\(example.name)")
        }
    }

    /// PyTorch's own numbers: its cycle ends an update earlier than ours, so that the last rate is the end of it.
    @Test func aCycleIsAtMostAnUpdateBehindPyTorch() throws {
        let rate = try LearningRate.constant(0.1).decay(.oneCycle).resolved(
            examplesPerEpoch: 3200, batch: 32, epochs: 10)
        func torch(_ update: Int) -> Double {
            let (top, last) = (0.3 * 1000 - 1, 999.0)
            let step = Double(update)
            let (a, b, share) = step <= top ? (0.004, 0.1, step / top) : (0.1, 4e-7, (step - top) / (last - top))
            return b + (a - b) * (1 + cos(.pi * share)) / 2
        }
        for update in 1..<999 {
            let found = rate.rate(afterExamples: update * 32)
            let around = [torch(update - 1), torch(update), torch(update + 1)]
            #expect(found >= around.min()! - 1e-12 && found <= around.max()! + 1e-12, "update \(update)")
        }
    }

    @Test(arguments: try fixture().plateaus)
    func plateausAreThoseOfPyTorch(example: PlateauCase) throws {
        let rate = try LearningRate(notation: example.rate, usual: .constant(1))
        guard case .plateau(let plateau) = rate.decay else {
            Issue.record("no plateau")
            return
        }
        let resolved = try rate.resolved(examplesPerEpoch: 100, batch: 10, epochs: 200)
        var recipe = Recipe(model: LayerList { Dense(1) }, epochs: 200)
        recipe.learningRate = rate
        let judge = EpochJudge(recipe)
        var progress = judge.begun
        for (epoch, (metric, expected)) in zip(example.metrics, example.rates).enumerated() {
            progress.epoch += 1
            progress.plateau?.lossSum = metric
            progress.plateau?.weight = 1
            let evaluation = Evaluation(examples: 1, loss: metric, accuracy: metric)
            if plateau.metric == .trainLoss {
                try judge.closeLastEpoch(&progress)
            } else {
                _ = judge.judgeRate(by: evaluation, &progress)
            }
            let found = resolved.rate(afterExamples: 100 * (epoch + 1), plateau: progress.plateau)
            #expect(Self.isNear(found, expected), "epoch \(epoch + 1): \(found) instead of \(expected)")
        }
        #expect(try #require(progress.plateau).factor < 1)
    }

    /// Least squares with all examples in every update, while one cycle drives rate and momentum, in float64 there.
    @Test(arguments: try fixture().trainings.cases)
    func trainingWithADrivenMomentumIsThatOfPyTorch(example: Training) throws {
        let fixture = try Self.fixture().trainings
        let data = try Dataset(
            features: fixture.x.map { Float($0) }, shape: [3], values: fixture.y.map { Float($0) }, mean: 0,
            deviation: 1)
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, loss: .meanSquaredError(), batch: Batch(size: 12),
            optimizer: try Optimizer(notation: example.optimizer),
            learningRate: try LearningRate(notation: example.rate, usual: .constant(1)), epochs: 100)
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        let isWeight = trainer.trained.layout.parameters.map { $0.shape.count == 2 }
        trainer.trained.setParameters(isWeight.map { ($0 ? fixture.w : fixture.b).map { Float($0) } })
        for (update, expected) in example.trajectory.enumerated() {
            _ = try trainer.update()
            let values = trainer.trained.parameterValues
            let found = isWeight[0] ? values[0] + values[1] : values[1] + values[0]
            for (a, b) in zip(found, expected) {
                #expect(abs(Double(a) - b) < 2e-5, "update \(update + 1): \(a) instead of \(b)")
            }
        }
        // the optimizer's own momentum ends elsewhere
        var other = recipe
        other.learningRate.decay = .oneCycle(.init(momentum: nil))
        var constant = try Trainer(other, data: data, machine: Machine(threads: 1))
        constant.trained.setParameters(isWeight.map { ($0 ? fixture.w : fixture.b).map { Float($0) } })
        for _ in 0..<40 { _ = try constant.update() }
        let found = constant.trained.parameterValues.joined().sorted()
        let distance = zip(found, example.trajectory[39].sorted()).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(distance > 1e-3)
    }
}
