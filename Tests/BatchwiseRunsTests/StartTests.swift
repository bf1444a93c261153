import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import BatchwiseRuns

/// A run begins with the parameters of a file that another program wrote: see Tests/Fixtures/make-start.py.
@Suite struct StartTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures").path

    private struct Expected: Decodable {
        var inputs: [Float]
        var outputs: [Double]
    }

    private static func data(classes: Int = 3) throws -> (data: LoadedData, expected: Expected) {
        let file = try Data(contentsOf: URL(filePath: fixtures + "/start.json"))
        let expected = try JSONDecoder().decode(Expected.self, from: file)
        let names = (0..<classes).map { "\($0)" }
        let examples = try Dataset(
            count: 4, featureShape: [6, 6, 2], features: .floats(expected.inputs),
            targets: .classes([0, 1, 2, 0], names: names), weights: nil)
        let preprocessing = Preprocessing(
            featureShape: [6, 6, 2], features: .uniform(scale: 1, shift: 0), target: .classes(names: names))
        return (LoadedData(train: examples, test: nil, preprocessing: preprocessing), expected)
    }

    private static func recipe(_ start: StartingModel, hidden: Int = 5) -> Recipe {
        Recipe(
            model: LayerList {
                Conv2D(filters: 3, kernel: 3)
                BatchNorm(over: .batch)
                ReLU()
                Flatten()
                Dense(hidden)
                ReLU()
                Dense(.classes)
            }, batch: Batch(size: 2), epochs: 1, startingModel: start)
    }

    @Test func outputsAreThoseOfTheOtherProgram() throws {
        let folder = try TemporaryFolder()
        let (data, expected) = try Self.data()
        let run = try Run(
            Self.recipe(StartingModel(Self.fixtures + "/start.safetensors")), data: data, in: folder.at("run"))
        let model = try run.result()
        let outputs = try model.outputs(for: data.train)
        for (output, wanted) in zip(outputs, expected.outputs) { #expect(abs(Double(output) - wanted) < 1e-5) }
        #expect(outputs.count == 12)
        let recipe = run.recipe
        #expect(recipe.startingModel?.sha256?.count == 64 && recipe.startingModel?.parameters == .all)
        // the negative control: the seed alone gives other outputs
        var fresh = Self.recipe(StartingModel(""))
        fresh.startingModel = nil
        let other = try Run(fresh, data: data, in: folder.at("fresh")).result().outputs(for: data.train)
        #expect(zip(other, expected.outputs).contains { abs(Double($0) - $1) > 0.1 })
    }

    @Test func otherClassesGetANewHead() throws {
        let folder = try TemporaryFolder()
        let (data, _) = try Self.data(classes: 4)
        let run = try Run(
            Self.recipe(StartingModel(Self.fixtures + "/start.safetensors")), data: data, in: folder.at("run"))
        let (recipe, notices) = (run.recipe, run.notices)
        #expect(recipe.startingModel?.parameters == .except(["6"]))
        #expect(notices.contains { $0.contains("begins with 8 of 10 parameters") && $0.contains("6.weight, 6.bias") })
    }

    @Test func otherNamesAndShapesAreListed() throws {
        let folder = try TemporaryFolder()
        let (data, _) = try Self.data()
        func failure(_ recipe: Recipe) -> String {
            do {
                _ = try Run(recipe, data: data, in: folder.at("run"))
                return ""
            } catch { return "\(error)" }
        }
        let start = StartingModel(Self.fixtures + "/start.safetensors")
        #expect(failure(Self.recipe(start, hidden: 6)).contains("parameter 4.weight has the shape [5, 48]"))
        var short = Self.recipe(start)
        short.model = LayerList {
            Conv2D(filters: 3, kernel: 3)
            Flatten()
            Dense(.classes).named("head")
        }
        let names = failure(short)
        #expect(names.contains("missing head.weight, head.bias; left over 1.bias, 1.running_mean"), "\(names)")
        var none = Self.recipe(start)
        none.model = LayerList([])
        #expect(failure(none).contains("model is missing: expected the layers of"))
        var wrong = start
        wrong.sha256 = String(repeating: "0", count: 64)
        #expect(failure(Self.recipe(wrong)).contains("another model than the recipe begins with"))
        #expect(!FileManager.default.fileExists(atPath: folder.at("run")))
    }

    /// Files that end early, or whose lengths do not add up, are refused.
    @Test func damagedFilesAreRefused() throws {
        let folder = try TemporaryFolder()
        let (data, _) = try Self.data()
        let bytes = try Data(contentsOf: URL(filePath: Self.fixtures + "/start.safetensors"))
        for count in [0, 1, 7, 8, 100, bytes.count - 1] {
            try bytes.prefix(count).write(to: URL(filePath: folder.at("cut.safetensors")))
            #expect(throws: (any Error).self, "\(count)") {
                _ = try Run(Self.recipe(StartingModel(folder.at("cut.safetensors"))), data: data, in: folder.at("run"))
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.at("run")))
    }

    @Test func theKeyComesBackFromARecipe() throws {
        let hash = String(repeating: "0a", count: 32)
        for start in [
            StartingModel("runs/a"), StartingModel("a", sha256: hash, parameters: .all, preprocessing: .kept),
            StartingModel("a", parameters: .matching(["0", "2.*"]), preprocessing: .fitted),
            StartingModel("a", parameters: .except(["head"])),
        ] {
            var recipe = Self.recipe(start)
            recipe.epochs = 9
            recipe.lengthened = [2, 5]
            #expect(try Recipe(yaml: recipe.yaml()) == recipe)
        }
        #expect(try Recipe(yaml: "from: runs/a\nfreeze: [0, '2.*']").groups.map(\.match) == ["0", "2.*"])
        for text in [
            "from: {model: a, load: '0', except: '1'}", "from: {sha256: a}", "from: {model: a, sha256: xyz}",
            "from: {model: a, preprocessing: none}", "from: {model: a, load: []}", "freeze: {a: 1}",
            "{epochs: 5, lengthened: [5]}", "{epochs: 5, lengthened: [2, 2]}",
            "{epochs: 5, lengthened: [0]}", "{epochs: 5, lengthened: 3}",
        ] { #expect(throws: RecipeError.self, "\(text)") { try Recipe(yaml: text) } }
    }
}
