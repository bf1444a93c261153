import Foundation
import Testing

@testable import Batchwise

/// Functions of the last axis for layers of one's own, worked out by hand.
@Suite struct LastAxisTests {
    private struct Function: PrimitiveLayer {
        var function: @Sendable (Symbol) -> Symbol
        func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { function(x) }
    }

    private func result(
        _ input: [Int], _ numbers: [Double], _ function: @escaping @Sendable (Symbol) -> Symbol
    ) throws -> (shape: Shape, values: [Double]) {
        let graph = try layers(Function(function: function)).graph(inputShape: input, outputs: 1, purpose: .training)
        let rows = numbers.count / input.reduce(1, *)
        let values = Interpreter<Double>(graph: graph, parameters: []).run(.init(inputs: numbers), rows: rows)
        return (graph.shape(graph.prediction), values.predictions)
    }

    @Test func slicesAreThePlacesOfEachRow() throws {
        let found = try result([2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) { $0.slice(1..<3) }
        #expect(found.shape == .batch([2, 2]))
        #expect(found.values == [2, 3, 5, 6, 8, 9, 11, 12])
    }

    @Test func partsFollowEachOtherInEachRow() throws {
        let found = try result([2], [1, 2, 3, 4]) { $0.concatenated(with: 10 * $0, $0.slice(0..<1)) }
        #expect(found.shape == .batch([5]))
        #expect(found.values == [1, 2, 10, 20, 1, 3, 4, 30, 40, 3])
    }

    @Test func theLargestOfEachRow() throws {
        let found = try result([2, 3], [1, 5, 2, -3, -4, -5]) { $0.maxLast() }
        #expect(found.shape == .batch([2, 1]))
        #expect(found.values == [5, -3])
    }

    @Test func softmaxDoesNotOverflow() throws {
        let found = try result([3], [0, log(2), log(5), 1000, 1000, -1000]) { $0.softmax() }
        let expected = [0.125, 0.25, 0.625, 0.5, 0.5, 0]
        #expect(zip(found.values, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test(
        arguments: [
            { $0.slice(0..<0) }, { $0.slice(2..<5) }, { $0.slice(-1..<2) },
            { $0.concatenated(with: $0.reshaped([2, 2])) }, { $0.reshaped([2, 2]).concatenated(with: $0) },
            { $0.sumLast().reshaped([]).maxLast() }, { $0.sumLast().reshaped([]).sumLast() },
        ] as [@Sendable (Symbol) -> Symbol])
    func whatDoesNotFitIsRefused(function: @escaping @Sendable (Symbol) -> Symbol) {
        #expect(throws: GraphError.self) { try result([4], [1, 2, 3, 4], function) }
    }
}
