import Foundation
import Testing

@testable import Batchwise

/// DiLoCo, EASGD and eager outer steps against plain loops in NumPy and float64 (make-replicas.py).
@Suite struct ReplicaFixtureTests {
    struct Fixture: Decodable {
        var orders: [[Int]]
        var cases: [Case]
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var optimizer: RecipeValue
        var rate: Double
        var replicas: RecipeValue
        var found: [String: [Double]]
        var testDescription: String { name }
    }

    static func fixture() throws -> Fixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONDecoder().decode(
            Fixture.self, from: Data(contentsOf: tests.appending(path: "Fixtures/replicas.json")))
    }

    private static func sine(_ index: Int, _ place: Int, _ factor: Double = 1) -> Float {
        Float(factor * 0.5 * sin(1 + 0.7 * Double(index * index) + 1.9 * Double(place)))
    }

    private static func model(_ example: Case, _ replicas: Replicas) throws -> Model {
        let recipe = Recipe(
            model: layers(Dense(5), Tanh(), Dense(.classes)), batch: Batch(size: 12, grain: 4),
            optimizer: try Optimizer(notation: example.optimizer), learningRate: .constant(example.rate), epochs: 4,
            seed: 11, replicas: replicas)
        let data = try Dataset(
            features: (0..<50 * 4).map { sine($0, 20, 4) }, shape: [4],
            classes: (0..<50).map { (5 * $0 + $0 / 4) % 3 }, names: ["a", "b", "c"])
        var start = try Trainer(recipe, data: data).model()
        for (place, parameter) in start.parameters.enumerated() {
            start.values[place] = parameter.fromFile((0..<parameter.count).map { sine($0, place) })
        }
        var trainer = try Trainer(recipe, data: data, startingFrom: start, machine: Machine(threads: 2))
        return try trainer.run()
    }

    @Test func theOrderIsTheSame() throws {
        for (place, order) in try Self.fixture().orders.enumerated() {
            #expect(Array(EpochOrder(count: 50, seed: 11, epoch: place + 1)) == order)
        }
    }

    /// Twenty updates of single precision lose 1e-6, and with AdamW, which divides by small numbers, 1e-5.
    @Test(arguments: try fixture().cases) func parametersAreThoseOfNumPy(example: Case) throws {
        let replicas = try Replicas(notation: example.replicas)
        let tolerance = example.name.contains("AdamW") ? 2e-5 : 4e-6
        let distance = WholeGradientTests.difference(try Self.model(example, replicas), example.found)
        #expect(distance < tolerance, "\(distance)")
        // numbers that are off by a hundredth are told apart
        var other = replicas
        switch replicas.rule {
        case .outer(var outer):
            outer.rate += 0.01
            other.rule = .outer(outer)
        case .elastic(let strength): other.rule = .elastic(strength + 0.01)
        case .mean: Issue.record("there is no rule to change")
        }
        let control = WholeGradientTests.difference(try Self.model(example, other), example.found)
        #expect(control > 10 * tolerance, "\(control)")
        // so are eager steps and those that wait
        guard case .outer(var outer) = replicas.rule else { return }
        outer.isEager.toggle()
        other.rule = .outer(outer)
        #expect(WholeGradientTests.difference(try Self.model(example, other), example.found) > 10 * tolerance)
    }

    /// One replica is its own mean, so that it has nothing to wait for.
    @Test func oneEagerReplicaIsOnePlainReplica() throws {
        let example = try #require(try Self.fixture().cases.first)
        let plain = try Self.model(example, Replicas(1, updates: 3, rule: .outer(OuterOptimizer())))
        let eager = try Self.model(example, Replicas(1, updates: 3, rule: .outer(OuterOptimizer(isEager: true))))
        let difference = zip(plain.values.joined(), eager.values.joined()).map { abs($0 - $1) }.max() ?? 1
        #expect(difference < 1e-6)
    }
}
