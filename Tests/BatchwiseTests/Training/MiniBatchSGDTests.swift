import Batchwise
import Testing

/// Half the mean squared error of a line through two features, with values made by a formula.
private struct LeastSquares: Sendable {
    let x: [[Double]]
    let y: [Double]

    init(examples: Int, features: Int = 3) {
        x = (0..<examples).map { row in (0..<features).map { Self.value(37 * row + 11 * $0, of: 23) } }
        y = (0..<examples).map { Self.value(29 * $0, of: 17) }
    }

    /// A number between -1 and 1.
    private static func value(_ number: Int, of modulus: Int) -> Double {
        2 * Double(number % modulus) / Double(modulus) - 1
    }

    func residual(_ row: Int, _ theta: [Double]) -> Double {
        var residual = -y[row]
        for i in theta.indices { residual += theta[i] * x[row][i] }
        return residual
    }

    func loss(_ rows: [Int], _ theta: [Double]) -> Double {
        var sum = 0.0
        for row in rows { sum += residual(row, theta) * residual(row, theta) / 2 }
        return sum / Double(rows.count)
    }

    func gradient(_ rows: [Int], _ theta: [Double]) -> [Double] {
        var sum = [Double](repeating: 0, count: theta.count)
        for row in rows {
            for i in theta.indices { sum[i] += residual(row, theta) * x[row][i] }
        }
        return sum.map { $0 / Double(rows.count) }
    }

    /// The loss and gradient as a closure for `minimize`, in either precision.
    func valueAndGradient<Scalar: BinaryFloatingPoint>(
        _ rows: Span<Int>, _ theta: Span<Scalar>, _ mean: inout MutableSpan<Scalar>
    ) -> Scalar {
        let rows = rows.indices.map { rows[$0] }
        let theta = theta.indices.map { Double(theta[$0]) }
        for (index, value) in gradient(rows, theta).enumerated() { mean[index] = Scalar(value) }
        return Scalar(loss(rows, theta))
    }
}

private func distance(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

private func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
}

@Suite struct MiniBatchSGDTests {
    private let problem = LeastSquares(examples: 50)

    @Test(arguments: [1, 7, 16, 50, 1000], [(0.0, false, 0.0), (0.9, false, 0.01), (0.9, true, 0.01)])
    func equalsAPlainLoop(batch: Int, form: (momentum: Float, nesterov: Bool, decay: Float)) throws {
        let sgd = MiniBatchSGD(
            batchSize: batch, epochs: 3, learningRate: .constant(0.05),
            optimizer: .sgd(momentum: form.momentum, nesterov: form.nesterov, weightDecay: form.decay), seed: 9)
        var theta = [0.5, -0.5, 0.25]
        let history = try sgd.minimize(&theta, examples: 50, valueAndGradient: problem.valueAndGradient)

        // 0.9 and 0.01 as they are written, not the Floats next to them
        let (m, d) = (form.momentum == 0 ? 0 : 0.9, form.decay == 0 ? 0 : 0.01)
        var expected = [0.5, -0.5, 0.25]
        var velocity = [0.0, 0, 0]
        var losses: [Double] = []
        for epoch in 1...3 {
            let order = Array(EpochOrder(count: 50, seed: 9, epoch: epoch))
            for start in stride(from: 0, to: 50, by: batch) {
                let rows = Array(order[start..<min(50, start + batch)])
                losses.append(problem.loss(rows, expected))
                for (i, mean) in problem.gradient(rows, expected).enumerated() {
                    let g = mean + d * expected[i]
                    velocity[i] = m * velocity[i] + g
                    expected[i] -= 0.05 * (form.nesterov ? g + m * velocity[i] : velocity[i])
                }
            }
        }
        #expect(distance(theta, expected) < 1e-14)
        #expect(distance(history.updateLosses, losses) < 1e-14)
        #expect(history.updates == losses.count)
        #expect(history.examplesSeen == 150)
    }

    @Test(arguments: [50, 51]) func oneBatchIsGradientDescent(batch: Int) throws {
        var theta = [0.0, 0, 0]
        try MiniBatchSGD(batchSize: batch, epochs: 40, learningRate: .constant(0.3), seed: 5)
            .minimize(&theta, examples: 50, valueAndGradient: problem.valueAndGradient)
        var expected = [0.0, 0, 0]
        for _ in 0..<40 {
            let gradient = problem.gradient(Array(0..<50), expected)
            for i in expected.indices { expected[i] -= 0.3 * gradient[i] }
        }
        #expect(distance(theta, expected) < 1e-12)
    }

    @Test func floatFollowsDouble() throws {
        let sgd = MiniBatchSGD(batchSize: 8, epochs: 10, learningRate: .constant(0.1), optimizer: .sgd(momentum: 0.5))
        var single: [Float] = [0, 0, 0]
        var double = [0.0, 0, 0]
        let a = try sgd.minimize(&single, examples: 50, valueAndGradient: problem.valueAndGradient)
        let b = try sgd.minimize(&double, examples: 50, valueAndGradient: problem.valueAndGradient)
        #expect(distance(single.map { Double($0) }, double) < 1e-5)
        #expect(distance(a.epochLosses, b.epochLosses) < 1e-5)
        #expect(single.map { Double($0) } != double)
    }

    @Test(arguments: [(LastBatch.keep, 4, 100), (.pad, 4, 100), (.drop, 3, 96)])
    func lastBatchDecidesTheCounts(last: LastBatch, updates: Int, examples: Int) throws {
        var theta = [0.0]
        let history = try MiniBatchSGD(batchSize: 32, epochs: 5, learningRate: .constant(0.1), lastBatch: last)
            .minimize(&theta, examples: 100) { _, _, _ in 0.0 }
        #expect(history.updates == 5 * updates)
        #expect(history.examplesSeen == 5 * examples)
        #expect(history.epochLosses.count == 5)
    }

    @Test func everyEpochVisitsEveryExampleOnceInShuffledOrder() throws {
        var visits: [Int] = []
        var theta = [0.0]
        try MiniBatchSGD(batchSize: 16, epochs: 3, learningRate: .constant(0.1), seed: 4)
            .minimize(&theta, examples: 100) { rows, _, _ in
                for index in rows.indices { visits.append(rows[index]) }
                return 0.0
            }
        let epochs = (0..<3).map { Array(visits[($0 * 100)..<(($0 + 1) * 100)]) }
        for epoch in epochs {
            #expect(epoch.sorted() == Array(0..<100))
            #expect(epoch != Array(0..<100))
        }
        #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2])
    }

    /// Ten examples as 8 and 2: each update is by a mean over its own examples, and the epoch's loss by all ten.
    @Test func theShortLastBatchIsAMeanOverItsOwnExamples() throws {
        var theta = [0.0]
        var sizes: [Int] = []
        let history = try MiniBatchSGD(batchSize: 8, epochs: 1, learningRate: .constant(1))
            .minimize(&theta, examples: 10) { rows, _, mean in
                sizes.append(rows.count)
                for _ in rows.indices { mean[0] += 1 / Double(rows.count) }
                return Double(rows.count)
            }
        #expect(sizes == [8, 2])
        #expect(abs(theta[0] + 2) < 1e-15)  // a gradient of 1, twice; a divisor of 8 would give 1.25
        #expect(history.updateLosses == [8, 2])
        #expect(abs(history.epochLosses[0] - 6.8) < 1e-15)  // (8 x 8 + 2 x 2) / 10; a mean of means would be 5
    }

    @Test func theGradientArrivesAsZeros() throws {
        var theta = [0.0, 0]
        try MiniBatchSGD(batchSize: 1, epochs: 2, learningRate: .constant(0.1)).minimize(&theta, examples: 3) {
            _, _, mean in
            #expect(mean[0] == 0 && mean[1] == 0)
            mean[0] = 1
            mean[1] = 2
            return 0.0
        }
    }

    private struct Broken: Error, Equatable { var row: Int }

    @Test func errorsOfTheClosurePassThroughTyped() {
        var theta = [1.0]
        var calls = 0
        do {
            try MiniBatchSGD(batchSize: 1, epochs: 1, learningRate: .constant(0.1)).minimize(&theta, examples: 5) {
                (rows: Span<Int>, _: Span<Double>, mean: inout MutableSpan<Double>) throws(Broken) -> Double in
                calls += 1
                if calls == 3 { throw Broken(row: 77) }
                mean[0] = 1
                return 0
            }
            Issue.record("nothing was thrown")
        } catch {
            let typed: MinimizationError<Broken> = error
            #expect(typed == .closure(Broken(row: 77)))
        }
        #expect(abs(theta[0] - 0.8) < 1e-15)  // two updates were made
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity], [true, false])
    func nonFiniteStopsBeforeTheUpdate(bad: Double, inLoss: Bool) throws {
        var theta = [1.0, 1]
        var calls = 0
        let what: MinimizationError<Never>.NonFinite = inLoss ? .loss : .gradient(index: 1)
        #expect(throws: MinimizationError<Never>.nonFinite(what, update: 4, epoch: 2)) {
            try MiniBatchSGD(batchSize: 2, epochs: 3, learningRate: .constant(0.5)).minimize(&theta, examples: 5) {
                _, _, mean in
                calls += 1
                mean[0] = 1
                if calls == 4 && !inLoss { mean[1] = bad }
                return calls == 4 && inLoss ? bad : 0.0
            }
        }
        #expect(theta == [-0.5, 1])
    }

    @Test func parametersThatOverflowAreReportedAtOnce() {
        var theta: [Float] = [0]
        #expect(throws: MinimizationError<Never>.nonFinite(.parameter(index: 0), update: 1, epoch: 1)) {
            try MiniBatchSGD(batchSize: 1, epochs: 1, learningRate: .constant(10)).minimize(&theta, examples: 1) {
                _, _, mean in
                mean[0] = 3e38
                return 0 as Float
            }
        }
    }

    @Test(arguments: [
        (MiniBatchSGD(batchSize: 0, epochs: 1, learningRate: .constant(0.1)), "batch.size"),
        (MiniBatchSGD(batchSize: 1, epochs: 0, learningRate: .constant(0.1)), "epochs"),
        (MiniBatchSGD(batchSize: 1, epochs: .max, learningRate: .constant(0.1)), "epochs"),
        (MiniBatchSGD(batchSize: 1, epochs: 1, learningRate: .constant(0)), "learning-rate"),
        (MiniBatchSGD(batchSize: 1, epochs: 1, learningRate: .constant(.nan)), "learning-rate"),
        (usual(optimizer: .sgd(momentum: 1)), "momentum"), (usual(optimizer: .sgd(nesterov: true)), "nesterov"),
        (usual(optimizer: .sgd(weightDecay: -1)), "weight-decay"), (usual(optimizer: .muon()), "muon"),
        (usual(clip: .norm(-1)), "clip"), (usual(earlyStopping: EarlyStopping()), "validation-loss"),
        (usual(keptModel: .best(.validationAccuracy)), "validation-accuracy"),
        (usual(growth: BatchGrowth(.times(2, at: [.epochs(9)]))), "marks within the 1 epoch"),
        (usual(growth: BatchGrowth(.byNoise(.init(.normTest())), limit: 8)), "norm-test"),
        (usual(growth: BatchGrowth(.byNoise(.init(.cabs)), limit: 8)), "found cabs"),
        (MiniBatchSGD(batchSize: 4, epochs: 1, learningRate: .base(0.1, atBatch: 2, scaling: .adaScale)), "adascale"),
        (MiniBatchSGD(batchSize: 11, epochs: 1, learningRate: .constant(0.1), lastBatch: .drop), "10 examples"),
    ])
    func settingsThatCannotBeUsedAreRefused(sgd: MiniBatchSGD, reason: String) throws {
        var theta = [0.0]
        let error = try #require(throws: MinimizationError<Never>.self) {
            try sgd.minimize(&theta, examples: 10) { _, _, _ in 0.0 }
        }
        guard case .invalid(let text) = error else { throw error }
        #expect(text.contains(reason))
    }

    private static func usual(
        optimizer: Optimizer = .sgd, clip: Clipping? = nil, growth: BatchGrowth? = nil,
        earlyStopping: EarlyStopping? = nil, keptModel: KeptModel = .last
    ) -> MiniBatchSGD {
        MiniBatchSGD(
            batchSize: 1, epochs: 1, learningRate: .constant(0.1), optimizer: optimizer, clip: clip, growth: growth,
            earlyStopping: earlyStopping, keptModel: keptModel)
    }

    @Test func noExamplesAreRefused() {
        var theta = [0.0]
        #expect(throws: MinimizationError<Never>.self) {
            try MiniBatchSGD(batchSize: 1, epochs: 1, learningRate: .constant(0.1)).minimize(&theta, examples: 0) {
                _, _, _ in 0.0
            }
        }
    }
}

/// The variance of a mini-batch gradient, over all C(8, B) batches of eight examples.
@Suite struct GradientVarianceTests {
    @Test(arguments: 1...8) func meanAndVarianceOverAllBatches(batch: Int) {
        let problem = LeastSquares(examples: 8)
        let theta = [0.3, -0.7, 0.2]
        let full = problem.gradient(Array(0..<8), theta)
        func squaredError(_ rows: [Int]) -> Double {
            squaredDistance(problem.gradient(rows, theta), full)
        }
        let trace = (0..<8).reduce(0.0) { $0 + squaredError([$1]) } / 8
        let batches = (0..<256).map { set in (0..<8).filter { set >> $0 & 1 == 1 } }.filter { $0.count == batch }

        for i in theta.indices {
            let mean = batches.reduce(0.0) { $0 + problem.gradient($1, theta)[i] } / Double(batches.count)
            #expect(abs(mean - full[i]) < 1e-10)
        }
        let variance = batches.reduce(0.0) { $0 + squaredError($1) } / Double(batches.count)
        let expected = trace / Double(batch) * Double(8 - batch) / 7
        #expect(trace > 0.1)
        #expect(abs(variance - expected) < 1e-10)
        if batch > 1 { #expect(abs(variance - trace / Double(batch)) > 1e-3) }  // that is with replacement
    }

    /// The batches that the method really draws have that variance too.
    @Test func drawnBatchesHaveTheVariance() throws {
        let problem = LeastSquares(examples: 8)
        let theta = [0.3, -0.7, 0.2]
        let full = problem.gradient(Array(0..<8), theta)
        func squaredError(_ rows: [Int]) -> Double {
            squaredDistance(problem.gradient(rows, theta), full)
        }
        var sum = 0.0
        var start = theta
        let history = try MiniBatchSGD(batchSize: 2, epochs: 5000, learningRate: .constant(0.1), seed: 11)
            .minimize(&start, examples: 8) { rows, _, _ in
                sum += squaredError(rows.indices.map { rows[$0] })
                return 0.0
            }
        let expected = (0..<8).reduce(0.0) { $0 + squaredError([$1]) } / 8 / 2 * 6 / 7
        #expect(abs(sum / Double(history.updates) / expected - 1) < 0.03)
    }
}
