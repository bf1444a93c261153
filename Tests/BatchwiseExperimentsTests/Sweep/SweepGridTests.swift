import Foundation
import Testing

@testable import Batchwise
@testable import BatchwiseExperiments

@Suite struct SweepGridTests {
    private static let digits = RecipeValue.map([.init("data", .string("digits")), .init("seed", .int(7))])

    private func sweep(_ axes: [String], seeds: Int = 1) throws -> Sweep {
        try Sweep(Self.digits, over: axes.map { try SweepAxis($0) }, seeds: seeds)
    }

    @Test func cellsAreTheProductOfAllValuesAndSeeds() throws {
        let cells = try sweep(["batch.size=8,32,128", "learning-rate.base=0.1,1e-3"], seeds: 2).cells()
        #expect(cells.map(\.recipe.batch.size) == [8, 8, 8, 8, 32, 32, 32, 32, 128, 128, 128, 128])
        #expect(cells.prefix(4).map(\.recipe.learningRate.base) == [0.1, 0.1, 0.001, 0.001])
        #expect(cells.prefix(4).map(\.seed) == [7, 8, 7, 8])
        #expect(cells.map(\.number) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
        #expect(cells[0].folder == "cell-0001-size-8-base-0.1-seed-7")
        #expect(Set(cells.map(\.folder)).count == cells.count)
    }

    @Test func aValueIsWhatYAMLHolds() throws {
        let axis = try SweepAxis("model=linear,[{dense: 4}, relu, {dense: classes}]")
        #expect(axis.values[0] == .string("linear"))
        guard case .list(let layers) = axis.values[1] else { throw SweepError.notation("\(axis)") }
        #expect(layers.count == 3)
        let lengths = try sweep(["learning-rate.warmup=1 epochs,20 updates"]).cells()
        #expect(lengths.map(\.recipe.learningRate.warmup?.over) == [.epochs(1), .updates(20)])
        // the folder is one name whatever the values are
        let cells = try sweep(["model=linear,[{dense: 4}, relu, {dense: classes}]"]).cells()
        #expect(cells.allSatisfy { !$0.folder.contains("/") && $0.folder.utf8.count < 100 })
    }

    @Test func pathsOfDataMeanTheSameInEveryFolder() throws {
        let sweep = try Sweep(
            .map([]), over: [SweepAxis("data.train=a.csv,/b.csv"), SweepAxis("data.target=price,size")])
        let folder = FileManager.default.currentDirectoryPath
        #expect(sweep.axes[0].values == [.string("\(folder)/a.csv"), .string("/b.csv")])
        #expect(sweep.axes[1].values == [.string("price"), .string("size")])
    }

    @Test func theFileSaysTheWholeSweep() throws {
        let axes = try [SweepAxis("batch.size=8,32"), SweepAxis("optimizer=sgd,adam"), SweepAxis("epochs=3")]
        let sweep = try Sweep(
            Self.digits, over: axes, seeds: 3, goal: SweepGoal("test_accuracy=0.9"), tunesRate: true,
            measures: [.noiseScale, .sharpness])
        let read = try Sweep(notation: RecipeValue(yaml: sweep.notation.yaml()))
        #expect(read == sweep)
        #expect(try Sweep(notation: .map([.init("seeds", .int(1))])) == nil)
        for other in [RecipeValue.string("sharpness"), .list([.string("flatness")])] {
            #expect(try Sweep(notation: sweep.notation.setting(["measure"], to: other)) == nil)
        }
    }

    @Test func aCellThatTheRecipeRefusesIsNamed() throws {
        func text(_ axes: [String]) throws -> String {
            let sweep = try sweep(axes)
            return #expect(throws: SweepError.self) { try sweep.cells() }?.description ?? ""
        }
        #expect(try text(["epochs=1,2", "batch.size=8,0"]).contains("epochs 1, batch.size 0: batch.size: expected"))
        #expect(try text(["batch.sise=8"]).contains("did you mean size?"))
        #expect(try text(["batches=8"]).contains("batches"))
    }

    @Test(arguments: [
        ("batch.size", "key=value"), ("=3", "a key of the recipe"), ("batch..size=3", "a key of the recipe"),
        ("batch.size=8,8", "twice"), ("batch.size=", "at least one value"), ("batch.size=[", "not a list"),
    ]) func axesWithoutMeaningAreRefused(text: String, part: String) {
        let error = #expect(throws: SweepError.self) { try SweepAxis(text) }
        #expect(error?.exitCode == 64 && error?.description.contains(part) == true, "\(String(describing: error))")
    }

    @Test func sweepsWithoutMeaningAreRefused() {
        let many = (1...101).map(String.init).joined(separator: ",")
        for (axes, seeds) in [
            (["batch.size=8", "batch.size=9"], 1), (["batch=8", "batch.grain=2"], 1), (["seed=1,2"], 2),
            (["batch.size=\(many)", "epochs=\(many)"], 1), (["epochs=1,2"], 10_000), (["epochs=1"], 0),
        ] {
            let error = #expect(throws: SweepError.self) { try sweep(axes, seeds: seeds) }
            #expect(error?.exitCode == 64)
        }
        #expect(throws: SweepError.self) {
            try Sweep(Self.digits, over: [SweepAxis("learning-rate.base=0.1")], tunesRate: true)
        }
    }

    @Test func seedsBeyondTheLargestAreRefused() throws {
        let recipe = Self.digits.setting(["seed"], to: .int(.max))
        let sweep = try Sweep(recipe, over: [SweepAxis("epochs=1")], seeds: 2)
        #expect(throws: SweepError.self) { try sweep.cells() }
        #expect(try Sweep(Self.digits, over: [], seeds: 3).cells().map(\.seed) == [7, 8, 9])
    }

    @Test func goalsAreRead() throws {
        let goal = try SweepGoal("test_accuracy=0.97")
        #expect(goal == SweepGoal(.test, .accuracy, 0.97) && goal.text == "test_accuracy=0.97")
        #expect(goal.isReached(by: Evaluation(examples: 1, loss: 9, accuracy: 0.97)))
        #expect(!goal.isReached(by: Evaluation(examples: 1, loss: 0, accuracy: 0.96)))
        #expect(!goal.isReached(by: Evaluation(examples: 1, loss: 0, rmse: 0.99)))
        let loss = try SweepGoal("train_loss=0.5")
        #expect(loss.isReached(by: Evaluation(examples: 1, loss: 0.5)))
        #expect(!loss.isReached(by: Evaluation(examples: 1, loss: 0.6)))
        #expect(!loss.isReached(by: Evaluation(examples: 1, loss: .nan)))
        for text in ["test_accuracy", "accuracy=0.9", "test_f1=1", "test_accuracy=97", "test_loss=-1", "test_loss=nan"]
        {
            #expect(throws: SweepError.self) { try SweepGoal(text) }
        }
    }
}
