import Testing

@testable import Batchwise

/// Local SGD, DiLoCo and EASGD on a linear regression, beside plain loops in Double that know nothing of engines.
@Suite struct LocalSGDOracleTests {
    private static let problem = LinearProblem(50)
    private static let batch = 12, epochs = 4, rate = 0.02, momentum = 0.5

    private static func recipe(_ replicas: Replicas, momentum: Float = Float(momentum)) -> Recipe {
        Recipe(
            model: LayerList { Dense(1) }, batch: Batch(size: batch), optimizer: .sgd(momentum: momentum),
            learningRate: .constant(rate), epochs: epochs, seed: 5, replicas: replicas)
    }

    /// The parameters after a run, computed from the order of the examples and the rules in Double.
    private static func expected(_ replicas: Replicas, from start: [Double]) -> [Double] {
        let count = replicas.count
        var models = Array(repeating: start, count: count)
        var velocities = Array(repeating: start.map { _ in 0.0 }, count: count)
        var (outer, outerVelocity) = (start, start.map { _ in 0.0 })
        var seen = Array(repeating: 0, count: count)
        var updates = 0
        for epoch in 1...epochs {
            let order = EpochOrder(count: problem.x.count, seed: 5, epoch: epoch)
            for first in stride(from: 0, to: problem.x.count, by: batch) {
                let rows = Array(first..<min(first + batch, problem.x.count))
                let before = models
                let isPulled = updates > 0 && updates % replicas.updates == 0
                for replica in 0..<count {
                    let own = rows[rows.count * replica / count..<rows.count * (replica + 1) / count]
                    guard !own.isEmpty else { continue }
                    seen[replica] += own.count
                    let gradient = LinearProblem.mean(own.map { problem.gradient(order[$0], before[replica]).gradient })
                    for place in start.indices {
                        velocities[replica][place] = momentum * velocities[replica][place] + gradient[place]
                        models[replica][place] -= rate * velocities[replica][place]
                    }
                }
                updates += 1
                if case .elastic(let strength) = replicas.rule {
                    guard isPulled else { continue }
                    for replica in 0..<count {
                        for place in start.indices {
                            models[replica][place] -= Double(strength) * (before[replica][place] - outer[place])
                        }
                    }
                    for place in start.indices {
                        outer[place] += Double(strength) * before.reduce(0) { $0 + $1[place] - outer[place] }
                    }
                    continue
                }
                let isLast = epoch == epochs && first + batch >= problem.x.count
                guard updates % replicas.updates == 0 || isLast else { continue }
                for place in start.indices {
                    let mean =
                        zip(models, seen).reduce(0) { $0 + $1.0[place] * Double($1.1) } / Double(seen.reduce(0, +))
                    if case .outer(let rule) = replicas.rule {
                        let (rate, momentum) = (Double(rule.rate), Double(rule.momentum))
                        let change = outer[place] - mean
                        outerVelocity[place] = momentum * outerVelocity[place] + change
                        outer[place] -=
                            rate * (rule.nesterov ? change + momentum * outerVelocity[place] : outerVelocity[place])
                    } else {
                        outer[place] = mean
                    }
                }
                models = Array(repeating: outer, count: count)
                seen = Array(repeating: 0, count: count)
            }
        }
        return outer
    }

    private static func trained(_ replicas: Replicas, separate: Bool = true) throws -> (start: [Double], end: [Double])
    {
        let recipe = recipe(replicas)
        #expect((recipe.separateReplicas != nil) == separate)
        var trainer = try Trainer(recipe, data: problem.dataset(), machine: Machine(threads: 2))
        let start = trainer.model().values.flatMap { $0.map { Double($0) } }
        return (start, try trainer.run().values.flatMap { $0.map { Double($0) } })
    }

    private static func distance(_ one: [Double], _ other: [Double]) -> Double {
        zip(one, other).map { abs($0 - $1) }.max() ?? .infinity
    }

    // 5 replicas of 12 examples, and of the 2 of a last batch: shares differ, and some are empty
    @Test(arguments: [
        Replicas(3, updates: 4), Replicas(5, updates: 3), Replicas(2, updates: 1000),
        Replicas(4, updates: 5, rule: .outer(OuterOptimizer())),
        Replicas(3, updates: 2, rule: .outer(OuterOptimizer(rate: 0.5, momentum: 0.3, nesterov: false))),
        Replicas(4, updates: 3, rule: .elastic(0.15)), Replicas(3, updates: 1, rule: .elastic(0.3)),
    ])
    func parametersAreThoseOfPlainLoops(replicas: Replicas) throws {
        let (start, end) = try Self.trained(replicas)
        let expected = Self.expected(replicas, from: start)
        #expect(Self.distance(end, expected) < 2e-6, "\(end), not \(expected)")
        // the oracle tells one rule from another
        var other = replicas
        other.updates += 1
        if replicas.updates < 1000 { #expect(Self.distance(end, Self.expected(other, from: start)) > 1e-4) }
    }

    /// An outer rate of 1 without momentum is the mean, and a mean after every update of SGD is one model.
    @Test func averagesAfterEveryUpdateAreOneModel() throws {
        func end(_ replicas: Replicas?) throws -> Model {
            var recipe = Self.recipe(replicas ?? Replicas(1, updates: 1), momentum: 0)
            recipe.replicas = replicas
            // 48 of 50 examples, so that all shares are equal
            recipe.batch.last = .drop
            var trainer = try Trainer(recipe, data: Self.problem.dataset())
            return try trainer.run()
        }
        let one = try end(nil)
        #expect(try end(Replicas(4, updates: 1)).parametersSHA256 == one.parametersSHA256)
        #expect(try end(Replicas(4, updates: 2)).parametersSHA256 != one.parametersSHA256)
        let plain = OuterOptimizer(rate: 1, momentum: 0, nesterov: false)
        let apart = try end(Replicas(4, updates: 1, rule: .outer(plain)))
        let difference = zip(one.values.joined(), apart.values.joined()).map { abs($0 - $1) }.max() ?? 1
        #expect(difference > 0 && difference < 1e-6)
        let means = [try end(Replicas(4, updates: 3)), try end(Replicas(4, updates: 3, rule: .outer(plain)))]
        let rounding = zip(means[0].values.joined(), means[1].values.joined()).map { abs($0 - $1) }.max() ?? 1
        #expect(rounding < 1e-6)
    }
}
