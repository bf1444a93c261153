import Foundation
import Testing

@testable import Batchwise

@Suite struct LayerMemoryTests {
    private func plan(_ model: LayerList, shape: [Int] = [12], machine: Machine, batch: Int = 32) throws -> Plan {
        try Plan(
            Recipe(model: model, batch: Batch(size: batch)), data: SmallData.classes(100, shape: shape),
            machine: machine)
    }

    /// 12 -> 64 -> relu -> 5, by hand.
    @Test func tensorsOfASmallModelAreCounted() throws {
        let plan = try plan(layers(Dense(64), ReLU(), Dense(.classes)), machine: Machine(threads: 1))
        let layers = Dictionary(uniqueKeysWithValues: plan.layers.map { ($0.name, $0) })
        #expect(plan.layers.map(\.name) == ["input", "0 (dense)", "1 (relu)", "2 (dense)", "loss"])
        let rows = 4 * 32
        #expect(layers["input"]?.bytes == 12 * rows)
        #expect(layers["0 (dense)"]?.tensors == [.init(name: "dense", floats: 64, bytes: 64 * rows)])
        #expect(layers["0 (dense)"]?.parameters == 12 * 64 + 64)
        // the ReLU and its gradient are computed where their inputs are
        #expect(layers["1 (relu)"]?.tensors.map(\.bytes) == [0, 0])
        #expect(layers["2 (dense)"]?.bytes == (5 + 64) * rows)
        // target, loss and hit, share, gradient
        #expect(layers["loss"]?.bytes == (1 + 2 + 1 + 5) * rows)
        #expect(plan.layers.reduce(0) { $0 + $1.parameters } == plan.parameters)
        // target and share are not needed any more when the second layer's gradient is written over them
        #expect(plan.bytes.activations == (12 + 64 + 5 + 64 + 2 + 5) * rows + 4 * 64)
    }

    @Test(arguments: [1, 2]) func whatIsInUseAtTheFullestFitsTheArena(workers: Int) throws {
        let images = try plan(
            BatchTests.convolutional, shape: [6, 6, 2], machine: Machine(threads: workers, microBatch: 16), batch: 96)
        let peak = images.layers.reduce(0) { $0 + $1.peakBytes }
        let sum = images.layers.reduce(0) { $0 + $1.bytes }
        #expect(peak <= images.bytes.activations && images.bytes.activations < sum)
        #expect(Double(peak) > 0.8 * Double(images.bytes.activations))
    }

    @Test func plansOfEarlierVersionsAreRead() throws {
        let text = """
            {"batch": 32, "grain": 16, "lanes": 2, "microBatch": 16, "accumulationSteps": 1, "workers": 2,
             "learningRate": 0.1, "updatesPerEpoch": 4, "parameters": 9,
             "bytes": {"parameters": 1, "gradients": 2, "optimizer": 3, "activations": 4, "data": 5}, "notices": ["so"]}
            """
        let plan = try JSONDecoder().decode(Plan.self, from: Data(text.utf8))
        #expect(plan.bytes.total == 15 && plan.bytes.workspace == 0 && plan.layers.isEmpty && plan.notices == ["so"])
        let now = try self.plan(BatchTests.dense, machine: Machine(threads: 1))
        #expect(try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(now)) == now)
    }
}
