import Foundation
import Testing

@testable import Batchwise

/// Forward values, losses and gradients against those that PyTorch computed in float64 (make-models.py).
@Suite struct PyTorchModelTests {
    @Test(arguments: try PyTorchModel.all())
    func valuesAndGradientsAreThoseOfPyTorch(model: PyTorchModel) throws {
        let graph = try model.graph(of: model.layers)
        let values = try model.run(graph)

        #expect(differences(["output": values.predictions], ["output": model.output]) == [])
        #expect(differences(["loss": [values.meanLoss]], ["loss": [model.lossValue]]) == [])
        #expect(differences(model.gradients(graph, values), model.gradients) == [])
        // Where nothing in front of a layer is trained, the input's gradient is not computed.
        #expect(graph.inputGradient == nil)
    }

    @Test(arguments: try PyTorchModel.all().filter { $0.inputGradient != nil })
    func inputGradientIsThatOfPyTorch(model: PyTorchModel) throws {
        let graph = try model.graph(of: LayerList([Shifted(layers: model.layers).named("shifted")]))
        let values = try model.run(graph)
        let node = try #require(graph.inputGradient)
        #expect(differences(["input": values[node]], ["input": try #require(model.inputGradient)]) == [])
    }

    @Test func aSettingThatPyTorchDidNotHaveIsSeen() throws {
        var model = try #require(try PyTorchModel.all().first { $0.name == "batch-norm-dense" })
        model.layers.layers[1] = BatchNorm(ghost: 7)
        let graph = try model.graph(of: model.layers)
        #expect(differences(model.gradients(graph, try model.run(graph)), model.gradients) != [])
    }
}

/// One entry of models.json.
struct PyTorchModel: Sendable, CustomTestStringConvertible {
    var name: String
    var layers: LayerList
    var loss: Loss
    var inputShape: [Int]
    var rows: Int
    var batch: Interpreter<Double>.Batch
    /// The parameters, in PyTorch's layouts.
    var parameters: [String: Stored]
    var output: [Double]
    var lossValue: Double
    var gradients: NamedGradients
    var inputGradient: [Double]?

    struct Stored: Decodable, Sendable {
        var shape: [Int]
        var values: [Double]
    }

    var testDescription: String { name }

    static func all() throws -> [PyTorchModel] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Fixtures/models.json"))
        return try JSONDecoder().decode([PyTorchModel].self, from: data)
    }

    func graph(of layers: LayerList) throws -> Graph {
        let outputs = output.count / rows
        return try Graph(layers, input: inputShape, outputs: outputs, loss: loss, withGradients: true)
    }

    func run(_ graph: Graph) throws -> Interpreter<Double>.Values {
        let parameters = try graph.parameters.map { parameter in
            if parameter.isStatistic || parameter.name == "shifted.shift" {
                return [Double](repeating: 0, count: parameter.count)
            }
            let stored = try #require(self.parameters[parameter.name.replacing("shifted.", with: "")])
            try #require(stored.values.count == parameter.count)
            return parameter.fileOrder.map { stored.values[$0] }
        }
        return Interpreter(graph: graph, parameters: parameters).run(batch, rows: rows)
    }

    /// The graph's gradients by name, in PyTorch's layouts.
    func gradients(_ graph: Graph, _ values: Interpreter<Double>.Values) -> NamedGradients {
        var gradients: NamedGradients = [:]
        for (index, parameter) in graph.parameters.enumerated() {
            guard let gradient = values.gradient(of: index) else { continue }
            var stored = gradient
            for (here, place) in parameter.fileOrder.enumerated() { stored[place] = gradient[here] }
            gradients[parameter.name] = stored
        }
        return gradients
    }
}

extension Parameter {
    /// The place in PyTorch's layout of each number in the graph's layout.
    fileprivate var fileOrder: [Int] {
        switch layout {
        case .plain: return Array(0..<count)
        case .dense:
            let (inputs, outputs) = (shape[0], shape[1])
            return (0..<inputs).flatMap { input in (0..<outputs).map { output in output * inputs + input } }
        case .convolution:
            let (groups, height, width, inputs, outputs) = (shape[0], shape[1], shape[2], shape[3], shape[4])
            var order: [Int] = []
            for group in 0..<groups {
                for row in 0..<height {
                    for column in 0..<width {
                        for input in 0..<inputs {
                            for output in 0..<outputs {
                                let filter = group * outputs + output
                                order.append(((filter * inputs + input) * height + row) * width + column)
                            }
                        }
                    }
                }
            }
            return order
        }
    }
}

extension PyTorchModel: Decodable {
    private enum Key: String, CodingKey {
        case name, layers, loss, inputShape, rows, inputs, targets, weights, parameters, output, lossValue, gradients
        case inputGradient
    }

    init(from decoder: any Decoder) throws {
        let map = try decoder.container(keyedBy: Key.self)
        name = try map.decode(String.self, forKey: .name)
        layers = try LayerList(notation: map.decode(RecipeValue.self, forKey: .layers))
        loss = try Loss(notation: map.decode(RecipeValue.self, forKey: .loss))
        inputShape = try map.decode([Int].self, forKey: .inputShape)
        rows = try map.decode(Int.self, forKey: .rows)
        batch = .init(
            inputs: try map.decode([Double].self, forKey: .inputs),
            targets: try map.decode([Double].self, forKey: .targets),
            weights: try map.decodeIfPresent([Double].self, forKey: .weights))
        parameters = try map.decode([String: Stored].self, forKey: .parameters)
        output = try map.decode([Double].self, forKey: .output)
        lossValue = try map.decode(Double.self, forKey: .lossValue)
        gradients = try map.decode(NamedGradients.self, forKey: .gradients)
        inputGradient = try map.decodeIfPresent([Double].self, forKey: .inputGradient)
    }
}
