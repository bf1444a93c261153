import CKernels
import Foundation
import Testing

@testable import Batchwise

/// Trajectories of 100 updates against those of PyTorch in float64 (make-optimizers.py), for every option.
@Suite struct OptimizerTests {
    struct Fixture: Decodable {
        var start: [Double]
        /// The updates after which trajectories are written down.
        var points: [Int]
        var gradients: [[Double]]
        var cases: [Case]
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var optimizer: RecipeValue
        var learningRate: Double?
        var learningRates: [Double]?
        var trajectory: [[Double]]
        var testDescription: String { name }
    }

    static func fixture() throws -> Fixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONDecoder().decode(
            Fixture.self, from: Data(contentsOf: tests.appending(path: "Fixtures/optimizers.json")))
    }

    /// The parameters after each update.
    static func trajectory(_ optimizer: Optimizer, _ rates: [Double], _ fixture: Fixture) -> [[Float]] {
        var w = fixture.start.map { Float($0) }
        var states = [[Float]](repeating: w.map { _ in 0 }, count: 3)
        let vectors = optimizer.stateNames.count
        return zip(fixture.gradients, rates).enumerated().map { index, pair in
            var step = bw_update()
            optimizer.prepare(&step, rate: pair.1, number: index + 1)
            var gradient = pair.0.map { Float($0) }
            states.withMutablePointers(vectors) { bw_apply(&step.step, &gradient, &w, $0, w.count) }
            return w
        }
    }

    @Test(arguments: try fixture().cases)
    func trajectoriesAreThoseOfPyTorch(example: Case) throws {
        let fixture = try Self.fixture()
        let optimizer = try Optimizer(notation: example.optimizer)
        let rates = example.learningRates ?? Array(repeating: example.learningRate ?? 0, count: 100)
        let found = Self.trajectory(optimizer, rates, fixture)
        for (update, theirs) in zip(fixture.points, example.trajectory) {
            for (a, b) in zip(found[update - 1], theirs) {
                #expect(abs(Double(a) - b) <= 1e-6 * max(1, abs(b)), "update \(update): \(a) instead of \(b)")
            }
        }
    }

    /// The tolerance is one that a wrong option does not pass.
    @Test(arguments: [
        ("sgd-nesterov", Optimizer.sgd(momentum: 0.9)), ("sgd-dampening", .sgd(momentum: 0.9, weightDecay: 0.01)),
        ("adamw-amsgrad", .adamW(beta2: 0.9, weightDecay: 0.125)), ("adam-decay", .adamW(weightDecay: 0.05)),
        ("nadam", .nadam(momentumDecay: 0)), ("rmsprop-centered", .rmsprop(smoothing: 0.9, epsilon: 1e-3)),
        ("adagrad-decay", .adagrad(initial: 0.1, epsilon: 1e-6, weightDecay: 0.01)), ("lion", .lion(beta2: 0.98)),
    ])
    func anOptionThatIsOffIsSeen(name: String, optimizer: Optimizer) throws {
        let fixture = try Self.fixture()
        let example = try #require(fixture.cases.first { $0.name == name })
        let rates = Array(repeating: try #require(example.learningRate), count: 100)
        let found = Self.trajectory(optimizer, rates, fixture)[99]
        let last = zip(found, try #require(example.trajectory.last)).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(last > 1e-4)
    }

    /// A momentum of its own for each update: PyTorch's bias correction is 1 - beta1^t of the update's own beta1.
    @Test func anOverrideTakesThePlaceOfMomentum() {
        func step(_ optimizer: Optimizer, _ number: Int, _ momentum: Float?) -> bw_step {
            var update = bw_update()
            optimizer.prepare(&update, rate: 0.1, number: number, momentum: momentum)
            return update.step
        }
        #expect(step(.sgd(momentum: 0.9), 2, 0.8).momentum == 0.8)
        #expect(step(.sgd, 2, 0.8).momentum == 0)
        let adam = step(.adam(), 3, 0.5)
        #expect(adam.beta1 == 0.5 && adam.correction1 == 0.875)
        #expect(step(.adam(), 3, nil).beta1 == 0.9)
        #expect(step(.muon(), 3, 0.85).momentum == 0.85)
        #expect(step(.rmsprop(momentum: 0.9), 3, 0.85).momentum == 0.85)
        #expect(
            Optimizer.sgd.momentum == nil && Optimizer.adagrad().momentum == nil && Optimizer.lion().momentum == 0.9)
    }

    @Test func notationsComeBack() throws {
        let optimizers: [Optimizer] = [
            .sgd, .sgd(momentum: 0.9), .sgd(momentum: 0.8, nesterov: true, weightDecay: 5e-4, decoupled: true), .adam(),
            .adam(beta1: 0.8, weightDecay: 0.1, amsgrad: true), .adamW(epsilon: 1e-6, weightDecay: 0.2),
            .sgd(momentum: 0.8, dampening: 0.1), .nadam(momentumDecay: 0.01, decoupled: true),
            .rmsprop(smoothing: 0.9, momentum: 0.5, centered: true), .adagrad(rateDecay: 0.1, initial: 1),
            .lars(trust: 0.02), .lamb(beta2: 0.99), .lion(weightDecay: 0.3),
            .muon(nesterov: false, length: .original), .muon(),
        ]
        for optimizer in optimizers { #expect(try Optimizer(notation: optimizer.notation) == optimizer) }
    }

    @Test(arguments: [
        ("{sgd: {nesterov: true}}", "optimizer.sgd.nesterov"), ("{sgd: {dampening: 0.5}}", "optimizer.sgd.dampening"),
        ("{adam: {beta1: 1}}", "optimizer.adam.beta1"), ("{adagrad: {epsilon: 0}}", "optimizer.adagrad.epsilon"),
        ("{lamb: {weight-decay: -1}}", "optimizer.lamb.weight-decay"),
        ("{muon: {length: long}}", "optimizer.muon.length"),
        ("rmsprob", "did you mean rmsprop"), ("{lion: {beta3: 0.9}}", "optimizer.lion.beta3"),
    ])
    func mistakesAreNamed(text: String, part: String) throws {
        let notation = try RecipeValue(yaml: text)
        #expect(throws: RecipeError.self) { try Optimizer(notation: notation) }
        do { _ = try Optimizer(notation: notation) } catch { #expect("\(error)".contains(part), "\(error)") }
    }
}

extension Array where Element == [Float] {
    /// Pointers to the first vectors, and null pointers for the others, good during the call.
    fileprivate mutating func withMutablePointers(
        _ count: Int, _ body: (UnsafePointer<UnsafeMutablePointer<Float>?>) -> Void
    ) {
        let length = self[0].count
        var flat: [Float] = flatMap { $0 }
        flat.withUnsafeMutableBufferPointer { all in
            let pointers = (0..<3).map { index in index < count ? all.baseAddress.map { $0 + index * length } : nil }
            pointers.withUnsafeBufferPointer { if let base = $0.baseAddress { body(base) } }
        }
        for index in indices { self[index] = [Float](flat[index * length..<(index + 1) * length]) }
    }
}
