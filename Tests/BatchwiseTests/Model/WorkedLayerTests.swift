import Foundation
import Testing

@testable import Batchwise

/// The layer that CONTRIBUTING.md shows is one of the library's own, as it stands there.
@Suite struct WorkedLayerTests {
    @Test func contributingShowsThisCode() throws {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { folder, _ in folder.deletingLastPathComponent() }
        let page = try String(contentsOf: root.appending(path: "CONTRIBUTING.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "## Adding a layer").dropFirst().first)
        let code = try #require(section.components(separatedBy: "```swift\n").dropFirst().first)
        let block = try #require(code.components(separatedBy: "```").first)
        #expect(block.contains("struct LeakyReLU: PrimitiveLayer") && block.contains("NotatedLayer"))
        let file = root.appending(path: "Sources/Batchwise/Model/Activations.swift")
        #expect(try String(contentsOf: file, encoding: .utf8).contains(block))
    }

    @Test func itComputesWhatItSays() throws {
        let graph = try layers(LeakyReLU(0.25)).graph(inputShape: [4], outputs: 1, purpose: .inference)
        let values = Interpreter<Double>(graph: graph, parameters: []).run(.init(inputs: [-2, 0, 3, -0.5]), rows: 1)
        #expect(values.predictions == [-0.5, 0, 3, -0.125])
    }

    /// Recipes write it and read it; a gradient case uses it.
    @Test func recipesNameIt() throws {
        let text = "model: [{leaky-relu: 0.25}, {dense: classes}]"
        let recipe = try Recipe(yaml: text)
        #expect(recipe == Recipe(model: layers(LeakyReLU(0.25), Dense(.classes))))
        #expect(recipe != Recipe(model: layers(LeakyReLU(0.5), Dense(.classes))))
        #expect(try Recipe(yaml: recipe.yaml()) == recipe)
        #expect(GradientCase.all.contains { LayerList(of: $0.model).layersWithin.contains { $0 is LeakyReLU } })
    }
}
