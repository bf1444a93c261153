import CKernels
import Foundation
import Testing

@testable import Batchwise

// The optimizer that CONTRIBUTING.md adds, as it stands there.

extension Optimizer {
    /// m <- momentum m + (1 - momentum) g; w <- w - rate sign(m), with decoupled decay [Bernstein 2018].
    public static func signum(momentum: Float = 0.9, weightDecay: Float = 0) -> Optimizer {
        Optimizer(Signum(momentum: momentum, weightDecay: weightDecay))
    }
}

struct Signum: OptimizerRule {
    var momentum: Float
    var weightDecay: Float

    var name: String { "signum" }
    static var settings: [RuleSetting<Signum>] {
        [.number("momentum", \.momentum, .fraction), .number("weight-decay", \.weightDecay, .nonNegative)]
    }
    var ownMomentum: Float? { momentum }
    var stateNames: [String] { ["mean"] }
    var defaultRate: Double { 0.0003 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        // Lion's kernel takes the sign of the new mean where both of its decays are equal
        var step = bw_step(BW_LION, rate: rate, decay: weightDecay, isDecoupled: true)
        (step.beta1, step.beta2) = (scheduled ?? momentum, scheduled ?? momentum)
        return step
    }
}

/// The worked example of CONTRIBUTING.md compiles, and computes what its formula says.
@Suite struct WorkedOptimizerTests {
    @Test func contributingShowsThisCode() throws {
        let here = URL(filePath: #filePath)
        let root = (0..<4).reduce(here) { folder, _ in folder.deletingLastPathComponent() }
        let page = try String(contentsOf: root.appending(path: "CONTRIBUTING.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "## Adding an optimizer").dropFirst().first)
        let code = try #require(section.components(separatedBy: "```swift\n").dropFirst().first)
        let block = try #require(code.components(separatedBy: "```").first)
        #expect(block.contains("struct Signum: OptimizerRule"))
        #expect(try String(contentsOf: here, encoding: .utf8).contains(block))
    }

    /// Sixty updates of f(w) = w^2 / 2 + w / 10 for a few numbers, against a loop in Double.
    @Test func signumIsThatOfALoop() throws {
        let optimizer = Optimizer.signum(weightDecay: 0.1)
        var w: [Float] = [1, -0.5, 0.3]
        var mean = [Float](repeating: 0, count: 3)
        var (expected, means) = (w.map { Double($0) }, [0.0, 0.0, 0.0])
        for update in 1...60 {
            var step = bw_update()
            optimizer.prepare(&step, rate: 0.015625, number: update)
            var gradient = w.map { $0 + 0.1 }
            mean.withUnsafeMutableBufferPointer {
                let states = [$0.baseAddress, nil, nil]
                bw_apply(&step.step, &gradient, &w, states, 3)
            }
            for place in 0..<3 {
                means[place] = 0.9 * means[place] + 0.1 * (expected[place] + 0.1)
                let sign: Double = means[place] > 0 ? 1 : means[place] < 0 ? -1 : 0
                expected[place] = expected[place] * (1 - 0.015625 * 0.1) - 0.015625 * sign
            }
            for (a, b) in zip(w, expected) { #expect(abs(Double(a) - b) < 1e-5, "update \(update)") }
        }
    }

    @Test func aRecipeTrainsWithIt() throws {
        let data = try SmallData.classes(40)
        func fingerprint(_ optimizer: Optimizer, _ threads: Int) throws -> String {
            let recipe = Recipe(
                model: layers(Dense(20), Tanh(), Dense(.classes)), batch: Batch(size: 8), optimizer: optimizer,
                epochs: 2)
            return try Trainer.fingerprint(recipe, data, Machine(threads: threads))
        }
        let one = try fingerprint(.signum(), 1)
        #expect(try fingerprint(.signum(), 3) == one)
        #expect(try fingerprint(.signum(momentum: 0.5), 1) != one)
        #expect(try fingerprint(.lion(beta1: 0.9, beta2: 0.9, weightDecay: 0), 1) == one)
        #expect(try Optimizer.signum().notation["signum"]?["momentum"] == .decimal(0.9))
        #expect(throws: RecipeError.self) { try Optimizer.signum(momentum: 1).check() }
    }
}
