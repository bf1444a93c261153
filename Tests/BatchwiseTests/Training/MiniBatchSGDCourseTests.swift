import CAllocations
import Foundation
import Testing

@testable import Batchwise

/// Schedules, growth, early stopping and reports of `MiniBatchSGD`.
@Suite struct MiniBatchSGDCourseTests {
    /// The reports of a run over `examples` with a gradient of -1. The test chooses the loss of each update and, where
    /// there are validation examples, the validation loss after each epoch.
    private static func reports(
        _ sgd: MiniBatchSGD, examples: Int, loss: (Int) -> Double = { _ in 0 }, validation: [Double]? = nil,
        stopAt: Int = .max
    ) throws -> (reports: [UpdateReport], history: MiniBatchSGD.History, theta: Double) {
        var (theta, found, updates, epochs) = ([0.0], [UpdateReport](), 0, 0)
        let history = try sgd.minimize(&theta, examples: examples) { _, _, mean in
            updates += 1
            mean[0] = -1
            return loss(updates)
        } validationLoss: { _ in
            epochs += 1
            return validation?[epochs - 1] ?? .nan
        } afterUpdate: { report, _ in
            found.append(report)
            return report.index == stopAt ? .stop : .proceed
        }
        return (found, history, theta[0])
    }

    /// PyTorch's OneCycleLR(max_lr=1, total_steps=100): rates at updates 0, 10, 29, 50 and 99.
    @Test func ratesFollowTheSchedule() throws {
        let sgd = MiniBatchSGD(
            batchSize: 10, epochs: 10, learningRate: .constant(1).decay(.oneCycle(.init())),
            optimizer: .sgd(momentum: 0.9))
        let rates = try Self.reports(sgd, examples: 100).reports.map(\.learningRate)
        #expect(rates.count == 100)
        for (update, expected) in [(0, 0.04), (10, 0.295164), (29, 1), (50, 0.793893), (99, 4e-6)] {
            #expect(abs(rates[update] - expected) < 1e-6, "update \(update)")
        }
    }

    @Test func theScheduleMovesTheParameters() throws {
        let sgd = MiniBatchSGD(batchSize: 5, epochs: 2, learningRate: .constant(0.5).decay(.linear()))
        let run = try Self.reports(sgd, examples: 10)
        expectClose(run.reports.map(\.learningRate), [0.5, 1.0 / 3, 0.5 / 3, 0])
        #expect(abs(run.theta - 1) < 1e-15)  // 0.5 (1 + 2/3 + 1/3), for the gradient is -1
    }

    @Test func theBatchGrowsAtMarks() throws {
        let growth = BatchGrowth(.times(2, at: [.epochs(1), .epochs(2)]), rate: .scale)
        let sgd = MiniBatchSGD(
            batchSize: 10, epochs: 3, learningRate: .base(0.1, atBatch: 10, scaling: .linear), growth: growth)
        let run = try Self.reports(sgd, examples: 40)
        #expect(run.reports.map(\.batch) == [10, 10, 10, 10, 20, 20, 40])
        expectClose(run.reports.map(\.learningRate), [0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.4])
        #expect(run.history.examplesSeen == 120 && run.history.epochLosses.count == 3)
    }

    /// Validation losses 3, 2, 4, 5: the best epoch is the second, and patience of 2 ends the run after the fourth.
    @Test(arguments: [(KeptModel.last, 8.0), (.best(nil), 4), (.bestIfStopped, 4)])
    func earlyStoppingEndsTheRun(kept: KeptModel, theta: Double) throws {
        let sgd = MiniBatchSGD(
            batchSize: 5, epochs: 9, learningRate: .constant(1), earlyStopping: EarlyStopping(patience: 2),
            keptModel: kept)
        let run = try Self.reports(sgd, examples: 10, validation: [3, 2, 4, 5])
        #expect(run.history.validationLosses == [3, 2, 4, 5])
        #expect(run.reports.compactMap { $0.validation?.loss } == [3, 2, 4, 5])
        #expect(run.reports.count == 8 && run.theta == theta)
    }

    @Test func epochsMayBeJudgedByTheTrainingLoss() throws {
        let stopping = EarlyStopping(patience: 2, metric: .trainLoss, minDelta: 0.5)
        let sgd = MiniBatchSGD(batchSize: 5, epochs: 9, learningRate: .constant(1), earlyStopping: stopping)
        let run = try Self.reports(sgd, examples: 10, loss: { [8, 7.1, 7, 6.9, 1][min(($0 - 1) / 2, 4)] })
        // improvements of 0.9, 0.1 and 0.2, of which the last two are too small
        expectClose(run.history.epochLosses, [8, 7.1, 7, 6.9])
    }

    @Test func theRateFallsOnAPlateau() throws {
        let plateau = LearningRate.Plateau(factor: 0.1, patience: 1, metric: nil)
        let sgd = MiniBatchSGD(
            batchSize: 10, epochs: 5, learningRate: .constant(1).decay(.plateau(plateau)))
        let run = try Self.reports(sgd, examples: 10, validation: [1, 1, 1, 1, 1])
        expectClose(run.reports.map(\.learningRate), [1, 1, 1, 0.1, 0.1])

        // without validation examples the training loss decides
        var (theta, rates) = ([0.0], [Double]())
        try sgd.minimize(&theta, examples: 10) { _, _, _ in
            1
        } afterUpdate: { report, _ in
            rates.append(report.learningRate)
            return .proceed
        }
        expectClose(rates, [1, 1, 1, 0.1, 0.1])
    }

    @Test func aCallerMayStop() throws {
        let sgd = MiniBatchSGD(batchSize: 10, epochs: 5, learningRate: .constant(1))
        let run = try Self.reports(sgd, examples: 25, loss: { Double($0) }, stopAt: 4)
        #expect(run.theta == 4 && run.history.updateLosses == [1, 2, 3, 4])
        #expect(run.history.epochLosses == [1.8])  // (10 x 1 + 10 x 2 + 5 x 3) / 25
        #expect(run.reports.map(\.endsEpoch) == [false, false, true, false])
        #expect(run.reports.map(\.epoch) == [1, 1, 1, 2] && run.reports.map(\.examples) == [10, 20, 25, 35])
    }

    /// Other tests may run beside this one: the least of many updates is what an update itself needs.
    @Test(.enabled(if: allocations_are_counted() != 0)) func anUpdateAllocatesNothing() throws {
        let sgd = MiniBatchSGD(
            batchSize: 10, epochs: 20, learningRate: .constant(1e-6).cosine(), optimizer: .adam(), clip: .norm(1))
        var (theta, before, least) = ([0.0, 0], allocation_count(), Int.max)
        try sgd.minimize(&theta, examples: 10_000) { _, _, mean in
            mean[0] = 1
            return 0.0
        } afterUpdate: { update, _ in
            if update.index > 1 { least = min(least, allocation_count() - before) }
            before = allocation_count()
            return .proceed
        }
        #expect(least == 0)
    }

    @Test func settingsAreReadAndWritten() throws {
        let sgd = MiniBatchSGD(
            batchSize: 10, epochs: 5, learningRate: .base(0.1, atBatch: 5, scaling: .linear).warmup(.epochs(1)),
            optimizer: .adamW(), clip: .norm(1), growth: BatchGrowth(.to([20], at: [.epochs(2)])),
            earlyStopping: EarlyStopping(patience: 3, metric: .trainLoss), keptModel: .best(.trainLoss),
            lastBatch: .drop, seed: 7)
        let json = try JSONEncoder().encode(sgd)
        #expect(try JSONDecoder().decode(MiniBatchSGD.self, from: json) == sgd)
        #expect(throws: RecipeError.self) {
            try JSONDecoder().decode(MiniBatchSGD.self, from: Data(#"{"batch": {"size": 10}, "model": "mlp"}"#.utf8))
        }
    }

    private func expectClose(_ found: [Double], _ expected: [Double]) {
        #expect(found.count == expected.count)
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-15) }
    }
}
