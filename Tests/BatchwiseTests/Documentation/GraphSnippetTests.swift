import Batchwise
import Foundation
import Testing

/// The examples in the comments of `Graph`.
@Suite struct GraphSnippetTests {
    /// The loss of a model, against the formula in Double.
    @Test func aLossOfTheProgramsOwn() throws {
        let (data, model) = (try LinearCase().data, LayerList { Dense(1) })
        /// The mean over outputs of log(cosh(y - t)).
        struct LogCosh: CustomLoss {
            var isClassification: Bool { false }

            func lower(
                predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder
            ) throws(GraphError) -> Symbol {
                let distance = predictions - targets
                return (0.5 * (distance.exp() + (-distance).exp())).log().meanLast()
            }
        }
        let recipe = Recipe(model: model, loss: .custom(LogCosh()))
        var trainer = try Trainer(recipe, data: data)
        let start = trainer.model()
        let outputs = try start.outputs(for: data)
        let expected = zip(outputs, LinearCase().targets).map { log(cosh(Double($0) - Double($1))) }
        let loss = try start.evaluate(data).loss
        #expect(abs(loss - expected.reduce(0, +) / Double(expected.count)) < 1e-6)
        #expect(try trainer.run().evaluate(data).loss < loss)
    }
}
