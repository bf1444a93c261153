import Foundation
import Testing

@testable import Batchwise

/// Recipes with extreme values are planned and trained, or refused with an error of theirs: never a trap or a hang.
@Suite struct ExtremeRecipeTests {
    /// Numbers and other values that a key hardly expects.
    static let values = [
        "0", "-1", "1", "3", "0.5", "-0.5", "1e-320", "5e-324", "1e-45", "1e-38", "1e-10", "1e10", "1e38", "1e39",
        "1e300",
        "1.7976931348623157e308", "1e999", "-.inf", ".nan", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "18446744073709551616", "2147483647", "-2147483648", "4294967296", "1048576",
        "1073741824", "1:30", "010", "0x7fffffffffffffff", "~", "true", "\"\"", "[]", "{}", "[1, 2, 3]",
        "999999999999999 epochs", "9223372036854775807 updates", "1e-320 epochs", "1e14 examples",
    ]
    /// Recipes in which @ stands for the value.
    static let recipes = [
        "batch: {size: @}", "batch: {grain: @}", "batch: {lanes: @}", "batch: {block: @}",
        "batch: {grow: {at: 1 epochs, times: @}}", "batch: {grow: {at: @, times: 2}}",
        "batch: {grow: {by: norm-test, theta: @, up-to: 64}}", "batch: {grow: {by: norm-test, every: @, up-to: 64}}",
        "batch: {grow: {by: noise-scale, share: @, up-to: 64}}", "batch: {grow: {by: cabs, times: @, up-to: 64}}",
        "batch: {grow: {by: goodput, overhead: @, up-to: 64}}",
        "learning-rate: {base: 0.1, at-batch: @, scaling: adascale}",
        "learning-rate: @", "learning-rate: {base: 0.1, at-batch: @, scaling: linear}",
        "learning-rate: {base: 0.1, warmup: @}", "learning-rate: {base: @, warmup: {over: 1 epochs, from: 1e-9}}",
        "learning-rate: {base: 0.1, decay: {step: {every: @, factor: 0.1}}}",
        "learning-rate: {base: 0.1, decay: {exponential: {factor: @, every: 1 epoch}}}",
        "learning-rate: {base: 0.1, decay: {restarts: {first: @, factor: 1}}}",
        "learning-rate: {base: 0.1, decay: {restarts: {first: 1 epochs, factor: @}}}",
        "learning-rate: {base: 0.1, decay: {triangular: {low: 0.01, up: @}}}",
        "learning-rate: {base: 0.1, decay: {one-cycle: {rise: @}}}",
        "learning-rate: {base: 0.1, decay: {plateau: {factor: @, metric: train-loss}}}",
        "optimizer: {sgd: {momentum: @}}", "optimizer: {adam: {epsilon: @}}", "optimizer: {lars: {trust: @}}",
        "clip: {norm: @}", "sam: {rho: @}", "sam: {rho: @, adaptive: true}", "groups: [{match: \"*\", rate: @}]",
        "average: {swa: {from: @, every: 1 epochs}}",
        "early-stopping: {patience: @, metric: train-loss}", "loss: {huber: {delta: @}}", "augment: [{mixup: @}]",
        "model: [{dense: @}, {dense: classes}]", "model: [{leaky-relu: @}, {dense: classes}]",
        "model: [{dropout: @}, {dense: classes}]", "model: [{dense: 4}, {layer-norm: {epsilon: @}}, {dense: classes}]",
        "model: [{dense: 4}, {batch-norm: {ghost: @}}, {dense: classes}]",
        "model: [{embedding: {vocabulary: 9, width: @}}, flatten, {dense: classes}]",
    ]
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil

    @Test(arguments: recipes) func extremeValuesAreReadOrRefused(recipe: String) throws {
        let features = [Float](repeating: 1, count: 40 * 6)
        let data = try Dataset(
            features: features, shape: [6], classes: (0..<40).map { $0 % 3 }, names: ["a", "b", "c"])
        for (number, value) in Self.values.enumerated() where Self.isSlowWanted || number % 4 == recipe.count % 4 {
            let yaml = recipe.replacingOccurrences(of: "@", with: value) + "\nepochs: 2\n"
            let start = ContinuousClock.now
            do {
                var read = try Recipe(yaml: yaml)
                if LayerList(of: read.model).layers.isEmpty { read.model = Dense(.classes) }
                let machine = Machine(threads: 1, memory: 1 << 28)
                #expect(!(try Plan(read, data: data, machine: machine).description.isEmpty))
                // what can be read can be written
                _ = try JSONEncoder().encode(read.notation())
                var trainer = try Trainer(read, data: data, machine: machine)
                try trainer.run()
            } catch {
                let isExpected =
                    error is RecipeError || error is GraphError || error is PlanError || error is TrainingError
                #expect(isExpected, "\(yaml): \(error)")
                #expect(!"\(error)".contains("\n"))
            }
            #expect(ContinuousClock.now - start < .seconds(20), "\(yaml)")
        }
    }

    @Test func aTinyRateIsPrinted() throws {
        let data = try SmallData.classes(40)
        for (base, text) in [
            ("1e-320", "1e-320"), ("1.23456e-310", "1.235e-310"), ("0.1", "0.1"), ("12345.6", "12350.0"),
        ] {
            let recipe = Recipe(model: Dense(.classes), learningRate: .constant(try #require(Double(base))))
            #expect(try Plan(recipe, data: data).description.contains("up to \(text);"))
        }
        let recipe = Recipe(model: Dense(.classes), optimizer: .sgd, learningRate: .constant(1e-300))
        let plan = try Plan(recipe, data: data)
        #expect(recipe.notices(for: plan, criticalBatch: 1e-300, curvature: 1e303).count == 2)
    }

    /// Numbers of layers are numbers in Float, as kernels see them.
    @Test(arguments: [
        "{leaky-relu: 1e308}", "{leaky-relu: -1e39}", "{layer-norm: {epsilon: 1e39}}", "{layer-norm: {epsilon: 1e-46}}",
        "{dropout: 0.99999999999}",
    ])
    func layersTakeNumbersThatAFloatHolds(layer: String) {
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: "model: [\(layer), {dense: classes}]") }
        #expect(error?.description.contains("model.0") == true)
    }

    @Test func aModelHasAMostNumberOfLayers() throws {
        let data = try SmallData.classes(40)
        func plan(_ layers: Int) throws -> Plan {
            let list = Array(repeating: "{dense: 1}", count: layers - 1).joined(separator: ", ")
            return try Plan(Recipe(yaml: "model: [\(list), {dense: classes}]\nbatch: 8"), data: data)
        }
        #expect(try plan(300).parameters == 13 + 298 * 2 + 10)
        for layers in [GraphBuilder.mostLayers + 1, 20_000] {
            let error = #expect(throws: GraphError.self) { try plan(layers) }
            #expect(error?.description.contains("at most 1024 layers") == true)
        }
    }
}
