import Foundation
import Testing

@testable import Batchwise

/// Updates of sharpness-aware minimisation against PyTorch in float64 (make-sam.py).
@Suite struct SAMTrajectoryTests {
    struct Fixture: Decodable {
        var points: [Int]
        var cases: [Case]
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var optimizer: RecipeValue
        var learningRate: Double
        var sam: RecipeValue
        var clip: RecipeValue?
        var found: [[String: [Double]]]
        /// The parameters after the last update without the ascent, and with an ascent of each third of the batch.
        var plain, parts: [String: [Double]]
        var testDescription: String { name }
    }

    static func fixture() throws -> Fixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONDecoder().decode(
            Fixture.self, from: Data(contentsOf: tests.appending(path: "Fixtures/sam.json")))
    }

    /// The number at `index` of a parameter in the layout of files, or of the features.
    private static func sine(_ index: Int, _ place: Int) -> Double {
        0.5 * sin(1 + 0.7 * Double(index * index) + 1.9 * Double(place))
    }

    private static func data() throws -> Dataset {
        try Dataset(
            features: (0..<12 * 6).map { Float(4 * sine($0, 20)) }, shape: [6],
            classes: (0..<12).map { (5 * $0 + $0 / 4) % 3 }, names: ["a", "b", "c"])
    }

    /// A run from the fixture's first parameters; calls `body` after each update.
    private static func run(
        _ example: Case, _ machine: Machine, _ body: (Int, borrowing Trainer) throws -> Void
    ) throws {
        let recipe = Recipe(
            model: layers(Dense(5), Tanh(), Dense(4), Tanh(), Dense(.classes)), batch: Batch(size: 12, grain: 4),
            optimizer: try Optimizer(notation: example.optimizer), learningRate: .constant(example.learningRate),
            epochs: 20, clip: try example.clip.map { try Clipping(notation: $0) },
            sam: try SAM(notation: example.sam))
        var trainer = try Trainer(recipe, data: data(), machine: machine)
        trainer.trained.setParameters(
            trainer.trained.layout.parameters.enumerated().map { place, parameter in
                parameter.fromFile((0..<parameter.count).map { Float(sine($0, place)) })
            })
        for update in 1...20 {
            _ = try trainer.update()
            try body(update, trainer)
        }
    }

    @Test(arguments: try fixture().cases, [nil, 4])
    func updatesAreThoseOfPyTorch(example: Case, microBatch: Int?) throws {
        let points = try Self.fixture().points
        try Self.run(example, Machine(threads: 1, microBatch: microBatch)) { update, trainer in
            guard let point = points.firstIndex(of: update) else { return }
            let model = trainer.model()
            let largest = WholeGradientTests.difference(model, example.found[point])
            #expect(largest <= 1e-5, "update \(update)")
            // the tolerance is one that neither of the other runs passes
            if update == 20 {
                #expect(WholeGradientTests.difference(model, example.plain) > 0.01)
                #expect(WholeGradientTests.difference(model, example.parts) > 0.01)
            }
        }
    }
}
