import Batchwise
import TestSupport
import Testing

/// The examples in the comments of `Training`.
@Suite struct TrainingSnippetTests {
    @Test func aTrainer() throws {
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: LayerList {
                Dense(64)
                ReLU()
                Dense(.classes)
            }, epochs: 20)
        var trainer = try Trainer(recipe, data: digits.train)
        let model = try trainer.run()
        print(try model.evaluate(digits.test).accuracy ?? 0)  // 0.97
        let accuracy = try #require(model.evaluate(digits.test).accuracy)
        #expect((accuracy * 100).rounded() == 97, "\(accuracy)")
    }

    @Test func aTrainerThatBeginsWithASavedModel() throws {
        struct Classifier: Layer {
            var body: some Layer {
                Dense(16)
                ReLU()
                Dense(.classes).named("logits")
            }
        }
        let digits = Dataset.digits().train
        let train = digits.prefix(320)
        guard case .classes(let labels, _) = train.targets else { return }
        let parity = try Dataset(
            count: train.count, featureShape: train.featureShape, features: train.features,
            targets: .classes(labels.map { $0 % 2 }, names: ["even", "odd"]))
        var first = try Trainer(Recipe(model: Classifier(), epochs: 1), data: parity)
        let saved = try first.run()

        let recipe = Recipe(model: Classifier(), epochs: 5, groups: [ParameterGroup(match: "0", freeze: true)])
        var trainer = try Trainer(recipe, data: train, startingFrom: saved, loading: .except(["logits"]))
        let model = try trainer.run()
        #expect(model.parameter("0.weight")?.values == saved.parameter("0.weight")?.values)
        #expect(model.parameter("logits.weight")?.shape == [10, 16])
        #expect(saved.parameter("logits.weight")?.shape == [2, 16])
    }

    private static let recipe = Recipe(
        model: LayerList { Dense(.classes) }, batch: Batch(size: 32), optimizer: .sgd,
        learningRate: .constant(0.1), epochs: 15)

    @Test func aCheckpoint() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { _ in
                let data = Dataset.digits().train
                var trainer = try Trainer(TrainingSnippetTests.recipe, data: data)
                try trainer.run { $0.index == 500 ? .stop : .proceed }
                try trainer.saveCheckpoint("half.safetensors")
                var resumed = try Trainer(TrainingSnippetTests.recipe, data: data)
                var whole = try Trainer(TrainingSnippetTests.recipe, data: data)
                try resumed.resume(from: "half.safetensors")
                let updates = resumed.progress.updates
                #expect(updates == 500)
                #expect(try resumed.run().parametersSHA256 == whole.run().parametersSHA256)
            }
        }
    }

    /// Reports of a program have the effect that the trainer's own validation has.
    @Test func validationThatAProgramReports() throws {
        let digits = Dataset.digits()
        let (train, held) = (digits.train, digits.test)
        var recipe = Self.recipe
        recipe.learningRate = .constant(0.5).decay(.plateau(.init(factor: 0.5, patience: 0, threshold: 0.1)))
        var trainer = try Trainer(recipe, data: train)
        while !trainer.isFinished {
            if try trainer.update().endsEpoch { trainer.reportValidation(try trainer.model().evaluate(held)) }
        }
        var other = try Trainer(recipe, data: train, validation: held)
        var unreported = try Trainer(recipe, data: train)
        #expect(try trainer.model().parametersSHA256 == other.run().parametersSHA256)
        #expect(try trainer.model().parametersSHA256 != unreported.run().parametersSHA256)
    }

    @Test func updatesAsASequence() async throws {
        let (recipe, train) = (Self.recipe, Dataset.digits().train)
        let updates = try Trainer(recipe, data: train).updates()
        for try await report in updates where report.endsEpoch { print(report.epoch, report.loss) }
        let model = await updates.model()
        var trainer = try Trainer(recipe, data: train)
        #expect(try model.parametersSHA256 == trainer.run().parametersSHA256)
        #expect(model.updates == 15 * 45)
    }

    /// The metric, against the model's outputs, sorted.
    @Test func aMetricOfTheProgramsOwn() throws {
        let digits = Dataset.digits()
        let test = digits.test
        var trainer = try Trainer(Self.recipe, data: digits.train)
        try trainer.run(updates: 10) { _ in }
        let model = trainer.model()
        /// How often the class is among the two largest predictions.
        struct TopTwoAccuracy: Metric {
            var name: String { "top-2-accuracy" }
            var noTotals: WeightedMean { WeightedMean() }

            func add(
                _ predictions: Span<Float>, _ target: ExampleTarget, weight: Double, to totals: inout WeightedMean
            ) {
                guard case .class(let label) = target else { return }
                let larger = predictions.indices.count { predictions[$0] > predictions[label] }
                totals.add(larger < 2 ? 1 : 0, weight: weight)
            }

            func value(of totals: WeightedMean) -> Double? { totals.value }
        }
        let found = try model.evaluate(test, metrics: [TopTwoAccuracy()])
        print(found.metrics?["top-2-accuracy"] ?? 0)
        guard case .classes(let labels, _) = test.targets else { return }
        let outputs = try model.outputs(for: test)
        let right = labels.indices.count { row in
            let places = (0..<10).sorted { outputs[row * 10 + $0] > outputs[row * 10 + $1] }
            return places.prefix(2).contains(Int(labels[row]))
        }
        #expect(abs(try #require(found.metrics?["top-2-accuracy"]) - Double(right) / Double(test.count)) < 1e-12)
        #expect(right > labels.count / 2 && right < labels.count)
    }

    @Test func aGradientOfTheProgramsOwn() throws {
        /// Half the squared distance of theta to the example's corner of the cube, whose mean is in the middle.
        func corner(_ row: Int, _ place: Int) -> Double { Double(row >> place & 1) }
        func setMeanGradient(of rows: Span<Int>, at theta: Span<Double>, _ mean: inout MutableSpan<Double>) {
            for index in rows.indices {
                for place in theta.indices {
                    mean[place] += (theta[place] - corner(rows[index], place)) / Double(rows.count)
                }
            }
        }
        func meanLoss(of rows: Span<Int>, at theta: Span<Double>) -> Double {
            var loss = 0.0
            for index in rows.indices {
                for place in theta.indices {
                    let distance = theta[place] - corner(rows[index], place)
                    loss += distance * distance / 2 / Double(rows.count)
                }
            }
            return loss
        }

        let sgd = MiniBatchSGD(batchSize: 64, epochs: 20, learningRate: .constant(0.1), seed: 42)
        var theta = [Double](repeating: 0, count: 5)
        let history = try sgd.minimize(&theta, examples: 10_000) { rows, theta, mean in
            setMeanGradient(of: rows, at: theta, &mean)  // yours
            return meanLoss(of: rows, at: theta)  // yours
        }
        print(history.epochLosses)
        #expect(theta.allSatisfy { abs($0 - 0.5) < 0.1 })
        #expect(abs(try #require(history.epochLosses.last) - 5 * 0.125) < 0.02)
    }
}
