import Foundation
import Testing

@testable import Batchwise

/// The operation that CONTRIBUTING.md shows is one of the library's own, as it stands there.
@Suite struct WorkedOperationTests {
    @Test func contributingShowsThisCode() throws {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { folder, _ in folder.deletingLastPathComponent() }
        let page = try String(contentsOf: root.appending(path: "CONTRIBUTING.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "## Adding an operation").dropFirst().first)
        let code = try #require(section.components(separatedBy: "```swift\n").dropFirst().first)
        let block = try #require(code.components(separatedBy: "```").first)
        #expect(block.contains("struct SumLastTraits: OperationTraits"))
        let file = root.appending(path: "Sources/Batchwise/Graph/Operations/LastAxisOperations.swift")
        #expect(try String(contentsOf: file, encoding: .utf8).contains(block))
    }

    /// Derivatives and kernel are checked wherever a gradient case uses it; here its shape and its loop, by hand.
    @Test func itComputesWhatItSays() throws {
        let graph = try layers(Summed()).graph(inputShape: [2, 3], outputs: 1, purpose: .training)
        let values = Interpreter<Double>(graph: graph, parameters: []).run(.init(inputs: [1, 2, 3, -4, 5, 6]), rows: 1)
        #expect(graph.shape(graph.prediction) == .batch([2, 1]))
        #expect(values.predictions == [6, 7])
    }

    private struct Summed: PrimitiveLayer {
        func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.sumLast() }
    }
}
