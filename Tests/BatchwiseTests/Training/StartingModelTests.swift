import Foundation
import Testing

@testable import Batchwise

/// A run begins with parameters of a saved model, by name.
@Suite struct StartingModelTests {
    private static func network(_ head: String = "head") -> LayerList {
        LayerList {
            Dense(7)
            BatchNorm(ghost: 8)
            ReLU()
            Dense(.classes, initialisation: .he).named(head)
        }
    }

    private static func recipe(epochs: Int = 2, groups: [ParameterGroup] = []) -> Recipe {
        Recipe(model: network(), batch: Batch(size: 16), learningRate: .constant(0.02), epochs: epochs, groups: groups)
    }

    private static func saved() throws -> Model {
        var trainer = try Trainer(recipe(), data: SmallData.classes(80))
        return try trainer.run()
    }

    @Test func allParametersAreLoaded() throws {
        let saved = try Self.saved()
        var recipe = Self.recipe()
        recipe.seed = 7
        let trainer = try Trainer(recipe, data: SmallData.classes(80), startingFrom: saved)
        #expect(trainer.model().parametersSHA256 == saved.parametersSHA256)
        #expect(trainer.plan.notices.contains("begins with 8 of 8 parameters of a saved model"))
        // the negative control: the seed alone begins elsewhere
        #expect(try Trainer(recipe, data: SmallData.classes(80)).model().parametersSHA256 != saved.parametersSHA256)
    }

    /// Five classes before and three now: all but the head is loaded, and the head begins as the seed says.
    @Test func aHeadForOtherClassesBeginsAnew() throws {
        let saved = try Self.saved()
        let data = try SmallData.classes(80, classes: 3)
        let trainer = try Trainer(Self.recipe(), data: data, startingFrom: saved, loading: .except(["head"]))
        let (fresh, model) = (try Trainer(Self.recipe(), data: data).model(), trainer.model())
        for name in model.parameterNames {
            let expected = name.hasPrefix("head") ? fresh.parameter(name) : saved.parameter(name)
            #expect(model.parameter(name)?.values == expected?.values, "\(name)")
        }
        #expect(model.parameter("head.weight")?.shape == [3, 7])
        #expect(
            trainer.plan.notices.contains(
                "begins with 6 of 8 parameters of a saved model; begun anew: head.weight, head.bias"))
        let other = try Trainer(Self.recipe(), data: data, startingFrom: saved, loading: .matching(["0", "1.*"]))
        #expect(other.model().parametersSHA256 == model.parametersSHA256)
    }

    @Test func imagesKeepTheirFilters() throws {
        func recipe() -> Recipe {
            Recipe(
                model: LayerList {
                    Conv2D(filters: 4, kernel: 3, groups: 2)
                    ReLU()
                    Dense(.classes)
                }, batch: Batch(size: 8), epochs: 1)
        }
        var first = try Trainer(recipe(), data: SmallData.classes(24, shape: [6, 5, 2], classes: 4))
        let saved = try first.run()
        let data = try SmallData.classes(24, shape: [6, 5, 2], classes: 9)
        let trainer = try Trainer(recipe(), data: data, startingFrom: saved, loading: .matching(["0"]))
        #expect(trainer.model().values[0] == saved.values[0] && trainer.model().values[1] == saved.values[1])
    }

    /// Frozen parameters stay to the bit, others move, and the machine changes nothing.
    @Test func fineTuningHasTheSameBitsForAnyThreadsAndMicroBatch() throws {
        let saved = try Self.saved()
        let recipe = Self.recipe(groups: [ParameterGroup(match: "0", freeze: true)])
        let data = try SmallData.classes(80)
        func run(_ machine: Machine) throws -> Model {
            var trainer = try Trainer(recipe, data: data, startingFrom: saved, machine: machine)
            return try trainer.run()
        }
        let model = try run(Machine(threads: 1, microBatch: 16))
        #expect(model.parameter("0.weight")?.values == saved.parameter("0.weight")?.values)
        #expect(model.parameter("head.weight")?.values != saved.parameter("head.weight")?.values)
        for machine in [Machine(threads: 2, microBatch: 8), Machine(threads: 3), Machine(threads: 2, microBatch: 1)] {
            #expect(try run(machine).parametersSHA256 == model.parametersSHA256)
        }
    }

    /// A checkpoint holds everything: the run that goes on from it needs the saved model no more.
    @Test func resumeEqualsUninterruptedWithoutTheSavedModel() throws {
        let saved = try Self.saved()
        let data = try SmallData.classes(80)
        let path = FileManager.default.temporaryDirectory.appending(path: "tuned-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var whole = try Trainer(Self.recipe(), data: data, startingFrom: saved)
        var first = try Trainer(Self.recipe(), data: data, startingFrom: saved)
        try first.run { $0.index == 3 ? .stop : .proceed }
        try first.saveCheckpoint(path)
        var second = try Trainer(Self.recipe(), data: data)
        try second.resume(from: path)
        #expect(try second.run().parametersSHA256 == whole.run().parametersSHA256)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let saved = try Self.saved()
        func failure(_ recipe: Recipe, _ selection: ParameterSelection) -> ParameterSelectionError? {
            do {
                _ = try Trainer(
                    recipe, data: SmallData.classes(80, classes: 3), startingFrom: saved, loading: selection)
                return nil
            } catch { return error as? ParameterSelectionError }
        }
        let shapes = failure(Self.recipe(), .all)
        #expect(shapes == .shape(parameter: "head.weight", expected: [3, 7], found: [5, 7]))
        #expect("\(shapes, default: "")".contains("head.weight has the shape [5, 7] in the saved model and [3, 7]"))

        #expect(failure(Self.recipe(), .matching(["hea"])) == .unmatched(pattern: "hea", nearest: nil))
        #expect(
            failure(Self.recipe(), .except(["head.weigth"]))
                == .unmatched(pattern: "head.weigth", nearest: "head.weight"))
        #expect(failure(Self.recipe(), .except(["*"])) == .empty)
        #expect(failure(Self.recipe(), .matching([])) == .empty)

        var other = Self.recipe()
        other.model = Self.network("heads")
        #expect(failure(other, .all) == .missing(parameter: "heads.weight", nearest: "head.weight"))
    }
}
