import Batchwise
import TestSupport
import Testing

@Suite struct GettingStartedTests {
    @Test func theFirstPageTrainsDigits() throws {
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: LayerList {
                Dense(64)
                ReLU()
                Dense(.classes)
            }, batch: Batch(size: 32), epochs: 20)
        var trainer = try Trainer(recipe, data: digits.train)
        let model = try trainer.run()
        print(try model.evaluate(digits.test).accuracy ?? 0)  // 0.97
        #expect(try model.evaluate(digits.test).accuracy ?? 0 > 0.96)
    }

    @Test func arraysOfAProgramAreTrainedSavedAndGoneOnWith() throws {
        let folder = try TemporaryFolder()
        let (path, checkpoint) = (folder.at("circle.safetensors"), folder.at("half.safetensors"))
        var features: [Float] = []
        var classes: [Int] = []
        for index in 0..<2_000 {
            let x = Float(index * 7_919 % 2_000) / 1_000 - 1
            let y = Float(index * 7_907 % 1_999) / 1_000 - 1
            features += [x, y]
            classes.append(x * x + y * y < 0.5 ? 1 : 0)
        }
        let data = try Dataset(features: features, shape: [2], classes: classes, names: ["outside", "inside"])
        let (train, test) = (data.prefix(1_600), data.rows(Array(1_600..<2_000)))
        let recipe = Recipe(
            model: LayerList {
                Dense(32)
                Tanh()
                Dense(.classes)
            },
            batch: Batch(size: 32),
            optimizer: .adam(),
            learningRate: .constant(0.01).cosine(),
            epochs: 30, seed: 1)
        var trainer = try Trainer(recipe, data: train)
        print(trainer.plan)
        let model = try trainer.run { update in
            if update.endsEpoch { print(update.epoch, update.loss, update.accuracy ?? 0) }
            return .proceed
        }
        let found = try model.evaluate(test)
        print(found.accuracy ?? 0)
        try model.save(path)

        let loaded = try Model(contentsOf: path)
        let logits = try loaded.outputs(for: Dataset(features: [0.1, 0.2, 0.9, 0.9], shape: [2]))
        #expect(found.accuracy ?? 0 > 0.97)
        // the middle of the square is inside the circle, its corner outside
        #expect(logits.count == 4)
        #expect(logits[1] > logits[0] && logits[2] > logits[3])
        var first = try Trainer(recipe, data: train)
        try first.run { $0.index == 500 ? .stop : .proceed }
        try first.saveCheckpoint(checkpoint)

        var second = try Trainer(recipe, data: train)
        try second.resume(from: checkpoint)
        let same = try second.run()
        #expect(first.progress.updates == 500)
        #expect(same.parametersSHA256 == model.parametersSHA256)
    }

    @Test func valuesKeepTheirUnit() throws {
        let areas = try Dataset(features: [50, 80, 120].map { $0 / 100 }, shape: [1], values: [510, 830, 1_190])
        guard case .values(let values, width: 1, let means, let deviations) = areas.targets else {
            Issue.record("values expected")
            return
        }
        // mean 843.33, deviation 277.77 of the three
        #expect(abs(means[0] - 843.3333) < 1e-3)
        #expect(abs(deviations[0] * values[0] + means[0] - 510) < 1e-3)
        #expect(abs(deviations[0] * values[2] + means[0] - 1_190) < 1e-3)
    }
}
