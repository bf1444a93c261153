import Batchwise
import BatchwiseData
import Foundation
import TestSupport
import Testing

/// The examples in the comments of `Recipe`.
@Suite struct RecipeSnippetTests {
    @Test func aRecipeIsAValue() throws {
        let recipe = Recipe(
            model: LayerList {
                Dense(128)
                ReLU()
                Dense(.classes)
            },
            batch: Batch(size: 32),
            optimizer: .sgd(momentum: 0.9),
            learningRate: .constant(0.05),
            epochs: 20, seed: 42)
        let yaml = """
            model: [{dense: 128}, relu, {dense: classes}]
            batch: 32
            optimizer: {sgd: {momentum: 0.9}}
            learning-rate: {base: 0.05, decay: constant}
            epochs: 20
            seed: 42
            """
        #expect(try Recipe(yaml: yaml) == recipe)
        #expect(try Recipe(yaml: yaml + "\nprecision: bfloat16") != recipe)
    }

    @Test func dataThatShowsWhatItHolds() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                    .deletingLastPathComponent().appending(path: "Fixtures/hashes")
                for (name, fixture) in [("images-idx3", "small-images-idx3"), ("labels-idx1", "small-labels-idx1")] {
                    let bytes = try Data(contentsOf: fixtures.appending(path: fixture + "-ubyte.gz"))
                    try folder.write(Array(bytes), to: "mnist/train-\(name)-ubyte.gz")
                }
                let data = try DataSource(train: "mnist/train-images-idx3-ubyte.gz").load(seed: 1)
                #expect(data.train.classCount ?? 0 > 1)
                #expect(data.train.count + (data.test?.count ?? 0) + (data.validation?.count ?? 0) > 100)
            }
        }
    }

    @Test func aTableWithATarget() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                let rows = (0..<40).map { "\($0),\($0 % 5),\(100 + 20 * ($0 % 5)).\($0)" }
                try folder.write(Array((["id,rooms,price"] + rows).joined(separator: "\n").utf8), to: "houses.csv")
                let data = DataSource(train: "houses.csv", target: "price", ignore: ["id"])
                let loaded = try data.load(seed: 1)
                // the rooms alone are features
                #expect(loaded.train.featureShape == [1] && loaded.train.classCount == nil)
            }
        }
    }
}
