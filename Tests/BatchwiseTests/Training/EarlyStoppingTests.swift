import Foundation
import Testing

@testable import Batchwise

@Suite struct EarlyStoppingTests {
    /// The epoch after which a run of these metrics ends; nil where none ends it.
    private func end(_ values: [Double], _ rule: EarlyStopping) -> Int? {
        let recipe = Recipe(model: Dense(1), earlyStopping: rule)
        let judge = EpochJudge(recipe)
        var progress = judge.begun
        for (index, value) in values.enumerated() {
            let found = Evaluation(examples: 1, loss: value, accuracy: value)
            progress.updates += 1
            let verdict = judge.finish(epoch: index + 1, validation: found, &progress)
            #expect(verdict.stops == progress.selection?.hasStopped)
            if verdict.stops { return index + 1 }
        }
        return nil
    }

    /// The oracle is the definition: an epoch ends the run when the best of the last `patience` epochs is no better
    /// than the best before them.
    @Test func aRunEndsWhenTheLastEpochsWereNoBetter() {
        var numbers = TestNumbers("early stopping")
        for patience in 1...5 {
            for metric in [EpochMetric.validationLoss, .validationAccuracy] {
                for _ in 0..<200 {
                    let values = (0..<30).map { _ in Double(numbers.below(1000)) / 1000 }
                    let sign = metric == .validationAccuracy ? -1.0 : 1.0
                    let expected = (patience + 1...30).first { end in
                        let before = values[..<(end - patience)].map { sign * $0 }.min()!  // there is one at least
                        let last = values[(end - patience)..<end].map { sign * $0 }.min()!
                        return last >= before
                    }
                    #expect(end(values, EarlyStopping(patience: patience, metric: metric)) == expected, "\(values)")
                }
            }
        }
    }

    struct Course: Sendable {
        var values: [Double]
        var patience: Int
        var delta: Double
        var end: Int?
    }

    static let courses: [Course] = [
        // 0.95 and 0.91 are better by less than 0.1
        Course(values: [1, 0.95, 0.91, 0.89, 0.80], patience: 2, delta: 0.1, end: 3),
        // 0.89 is an improvement on 1, and 0.85 and 0.80 are none on 0.89
        Course(values: [1, 0.95, 0.89, 0.85, 0.80], patience: 2, delta: 0.1, end: 5),
        Course(values: [1, 0.95, 0.89, 0.85, 0.75], patience: 2, delta: 0.1),
        Course(values: [.nan, .infinity, 1, 0.5, 0.4], patience: 3, delta: 0),
        Course(values: [.nan, .infinity, .nan, 0.5], patience: 3, delta: 0, end: 3),
        Course(values: [1, .nan, .nan, 0.5], patience: 2, delta: 0, end: 3),
        Course(values: [1, 1, 1], patience: 2, delta: 0, end: 3),
    ]

    @Test(arguments: courses) func improvementsMustExceedTheDelta(course: Course) {
        let rule = EarlyStopping(patience: course.patience, minDelta: course.delta)
        #expect(end(course.values, rule) == course.end)
    }

    private static let model = LayerList {
        Dense(16)
        ReLU()
        BatchNorm(ghost: 8)
        Dense(.classes)
    }

    private static func recipe(
        epochs: Int = 30, stopping: EarlyStopping? = EarlyStopping(patience: 4), kept: KeptModel = .best(nil)
    ) -> Recipe {
        Recipe(
            model: model, batch: Batch(size: 16), optimizer: .adam(), learningRate: .constant(0.01), epochs: epochs,
            earlyStopping: stopping, keptModel: kept)
    }

    private static let data: (train: Dataset, validation: Dataset) = {
        let all = try! SmallData.classes(120)  // its labels are made to fit
        return (all.rows(Array(0..<70)), all.rows(Array(70..<120)))
    }()

    /// The labels are random, so that validation gets worse soon.
    @Test func keepBestGivesTheModelOfTheBestEpoch() throws {
        let (train, validation) = Self.data
        var trainer = try Trainer(Self.recipe(), data: train, validation: validation)
        var losses: [Double] = []
        let model = try trainer.run { report in
            #expect((report.validation != nil) == report.endsEpoch)
            if let found = report.validation { losses.append(found.loss) }
            return .proceed
        }
        let best = try #require(losses.indices.min { losses[$0] < losses[$1] }) + 1
        let (hasStopped, found, last) = (trainer.hasStoppedEarly, trainer.bestEpoch, trainer.model().parametersSHA256)
        #expect(hasStopped)
        #expect(losses.count == best + 4)
        #expect(found?.epoch == best && found?.value == losses[best - 1])
        #expect(try model.evaluate(validation).loss == losses[best - 1])
        #expect(model.updates == 5 * best)
        // the rate is constant, so a run of so many epochs is the beginning of this one
        let short = Self.recipe(epochs: best, stopping: nil, kept: .last)
        #expect(try Trainer.fingerprint(short, train, Machine()) == model.parametersSHA256)
        #expect(last != model.parametersSHA256)
        // without `keep`, the run gives the model of the last epoch
        var other = try Trainer(Self.recipe(kept: .last), data: train, validation: validation)
        #expect(try other.run().parametersSHA256 == last)
    }

    @Test func theTrainingLossNeedsNoValidation() throws {
        let rule = EarlyStopping(patience: 1, metric: .trainLoss, minDelta: 100)
        var trainer = try Trainer(Self.recipe(stopping: rule), data: Self.data.train)
        var (sum, weight, losses) = (0.0, 0.0, [Double]())
        try trainer.run { report in
            sum += report.loss * report.weight
            weight += report.weight
            if report.endsEpoch {
                losses.append(sum / weight)
                (sum, weight) = (0, 0)
            }
            return .proceed
        }
        #expect(losses.count == 2)
        let found = trainer.bestEpoch
        let best = try #require(found)
        #expect(abs(best.value - losses.min()!) < 1e-12)  // there are two
    }

    /// A run that is stopped after any number of updates, and resumed from a file by another machine, ends in the same
    /// way.
    @Test(arguments: [0, 1, 5, 14, 15, 16, 23, 38])
    func resumeEqualsUninterrupted(stop: Int) throws {
        let (train, validation) = Self.data
        for (stopping, kept) in [
            (EarlyStopping(patience: 4), KeptModel.best(.validationAccuracy)),
            (EarlyStopping(patience: 2, metric: .trainLoss, minDelta: 0.1), .best(.validationLoss)), (nil, .best(nil)),
        ] {
            let recipe = Self.recipe(epochs: 9, stopping: stopping, kept: kept)
            var whole = try Trainer(recipe, data: train, validation: validation, machine: Machine(threads: 1))
            let model = try whole.run()
            var first = try Trainer(recipe, data: train, validation: validation, machine: Machine(threads: 1))
            for _ in 0..<stop where !first.isFinished { _ = try first.update() }
            let path = FileManager.default.temporaryDirectory.appending(path: "stopping-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            try first.checkpoint().write(to: path)
            var second = try Trainer(
                recipe, data: train, validation: validation, machine: Machine(threads: 2, microBatch: 16))
            try second.restore(Checkpoint(contentsOf: path))
            #expect(try second.run().parametersSHA256 == model.parametersSHA256)
            let (one, other) = (whole.progress, second.progress)
            #expect(one == other)
            let (last, otherLast) = (whole.model().parametersSHA256, second.model().parametersSHA256)
            #expect(last == otherLast)
        }
    }

    @Test func aMetricThatCannotBeHadIsRefused() throws {
        let (train, validation) = Self.data
        func fault(_ recipe: Recipe, _ validation: Dataset?, _ data: Dataset) -> String {
            do {
                _ = try Trainer(recipe, data: data, validation: validation)
                return ""
            } catch { return "\(error)" }
        }
        #expect(fault(Self.recipe(), nil, train).contains("data.split.validation is missing"))
        #expect(fault(Self.recipe(stopping: nil), nil, train).contains("keep asks for validation-loss"))
        #expect(fault(Self.recipe(stopping: EarlyStopping(metric: .trainLoss), kept: .last), nil, train) == "")
        let values = try Dataset(features: [1, 2], shape: [1], values: [1, 2], mean: 0, deviation: 1)
        let accuracy = Self.recipe(stopping: nil, kept: .best(.validationAccuracy))
        #expect(fault(accuracy, values, values).contains("as numbers are predicted"))
        #expect(fault(accuracy, validation, train) == "")
        let area = Self.recipe(stopping: nil, kept: .best(.validationROCAUC))
        #expect(
            fault(area, values, values).contains("validation-mae, validation-median-error, validation-r2, as numbers"))
        let share = Self.recipe(stopping: EarlyStopping(metric: .validationR2))
        #expect(fault(share, validation, train).contains("validation-average-precision, as classes are predicted"))
        #expect(fault(Self.recipe(stopping: EarlyStopping(patience: 0)), validation, train).contains("patience"))
    }

    /// The metric that is asked for is computed after every epoch, and no other score.
    @Test(arguments: [EpochMetric.validationF1, .validationROCAUC, .validationLogLoss, .validationBalancedAccuracy])
    func epochsAreJudgedByAnyMetric(metric: EpochMetric) throws {
        let (train, validation) = Self.data
        var trainer = try Trainer(
            Self.recipe(epochs: 6, stopping: nil, kept: .best(metric)), data: train, validation: validation)
        var values: [Double] = []
        while !trainer.isFinished {
            guard try trainer.update().endsEpoch else { continue }
            let validation = trainer.validation
            let found = try #require(validation)
            values.append(try #require(found.value(of: metric)))
            let scores = try #require(found.classification)
            #expect((scores.rocAUC != nil) == (metric == .validationROCAUC))
            #expect((scores.logLoss != nil) == (metric == .validationLogLoss))
        }
        let best = metric.isBetterLarger ? values.max() : values.min()
        #expect(trainer.bestEpoch?.value == best)
        #expect(trainer.bestEpoch?.epoch == values.firstIndex { $0 == best }.map { $0 + 1 })
        let kept = try trainer.keptModel().evaluate(validation, scores: .all)
        #expect(kept.value(of: metric) == best)
        // accuracy needs no scores
        var plain = try Trainer(
            Self.recipe(epochs: 1, stopping: nil, kept: .best(.validationAccuracy)), data: train, validation: validation
        )
        _ = try plain.run()
        #expect(plain.validation?.classification == nil && plain.validation?.accuracy != nil)
    }

    struct Notation: Sendable {
        var yaml: String
        var stopping: EarlyStopping?
        var kept = KeptModel.last
    }

    static let notations = [
        Notation(
            yaml: "early-stopping: {patience: 3 epochs, metric: train-loss, min-delta: 0.01}\nkeep: best",
            stopping: EarlyStopping(patience: 3, metric: .trainLoss, minDelta: 0.01), kept: .best(nil)),
        Notation(
            yaml: "early-stopping: 7\nkeep: {best: validation-accuracy}", stopping: EarlyStopping(patience: 7),
            kept: .best(.validationAccuracy)),
        Notation(
            yaml: "early-stopping: {metric: f1, patience: 5}\nkeep: {best: roc-auc}",
            stopping: EarlyStopping(patience: 5, metric: .validationF1), kept: .best(.validationROCAUC)),
        Notation(yaml: "early-stopping: 1 epoch\nkeep: last", stopping: EarlyStopping(patience: 1)),
        Notation(yaml: "epochs: 3"),
    ]

    @Test(arguments: notations) func recipesSayIt(notation: Notation) throws {
        let recipe = try Recipe(notation: RecipeValue(yaml: notation.yaml + "\nmodel: linear"))
        #expect(recipe.earlyStopping == notation.stopping && recipe.keptModel == notation.kept)
        let again = try Recipe(notation: RecipeValue(yaml: recipe.notation().yaml()))
        #expect(again.earlyStopping == notation.stopping && again.keptModel == notation.kept)
    }

    @Test(arguments: [
        ("early-stopping: {patience: 3 updates}", "early-stopping.patience: expected a whole number of epochs"),
        ("early-stopping: {patience: 0}", "early-stopping.patience: expected a whole number of epochs"),
        ("early-stopping: {patients: 3}", "did you mean patience?"),
        ("early-stopping: {metric: test-loss}", "early-stopping.metric: expected validation-loss or"),
        ("early-stopping: {min-delta: -1}", "early-stopping.min-delta: expected a number of at least 0"),
        ("early-stoping: 3", "did you mean early-stopping?"),
        ("keep: worst", "keep: expected last, best"),
        ("keep: {bets: train-loss}", "did you mean best?"),
        ("keep: {best: validation-los}", "did you mean validation-loss?"),
    ])
    func mistakesAreNamed(yaml: String, says: String) throws {
        do {
            _ = try Recipe(notation: RecipeValue(yaml: yaml))
            Issue.record("\(yaml) was taken")
        } catch { #expect("\(error)".contains(says), "\(error)") }
    }
}
