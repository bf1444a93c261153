import Testing

@testable import Batchwise

@Suite struct EpochOrderTests {
    @Test func everyCountUpTo300IsABijection() {
        for count in 0...300 {
            for epoch in [1, 2] {
                let order = EpochOrder(count: count, seed: 42, epoch: epoch)
                #expect(order.sorted() == Array(0..<count))
            }
        }
    }

    @Test(arguments: [1023, 1024, 1025, 4095, 4096, 4097, 60_000, 65_536, 1_000_003])
    func largeCountsAreBijections(count: Int) {
        var seen = [Bool](repeating: false, count: count)
        for example in EpochOrder(count: count, seed: 7, epoch: 3) { seen[example] = true }
        #expect(!seen.contains(false))
    }

    @Test func countsNearTheLimitStayInside() {
        let order = EpochOrder(count: 1 << 62, seed: 1, epoch: 1)
        for position in [0, 1, 1 << 61, (1 << 62) - 1] { #expect((0..<(1 << 62)).contains(order[position])) }
    }

    /// Looking up many positions at once gives the same examples as one by one, wherever the run begins and ends.
    @Test(arguments: [1, 2, 7, 31, 100, 255, 257, 1000, 4097, 60_000, 1 << 62])
    func runsAreThoseOneByOne(count: Int) {
        let order = EpochOrder(count: count, seed: 9, epoch: 4)
        for start in Set([0, 1, min(13, count - 1), count / 2, count - 1]) where start < count {
            let positions = start..<(start + min(77, count - start))
            var found = [UInt64](repeating: 0, count: positions.count)
            found.withUnsafeMutableBufferPointer { order.fill($0.baseAddress!, positions: positions) }
            #expect(found.map { Int($0) } == positions.map { order[$0] }, "from \(start) on")
        }
    }

    /// A window gives the order's examples at every step of a run, whatever it has been asked for ahead.
    @Test(arguments: [1, 3, 32, 100, 700])
    func windowsFollowTheOrder(batch: Int) {
        let window = UnsafeMutablePointer<ExampleWindow>.allocate(capacity: 1)
        window.initialize(to: ExampleWindow(capacity: batch))
        defer {
            window.pointee.deallocate()
            window.deallocate()
        }
        for epoch in 1...3 {
            let order = EpochOrder(count: 700, seed: 2, epoch: epoch)
            let batches = BatchSchedule(examples: 700, batch: batch, last: .keep)
            for index in 0..<batches.batchesPerEpoch {
                let rows = batches.rows(ofBatch: index)
                let found = window.pointee.examples(at: rows, of: order)
                if index % 3 > 0, index + 1 < batches.batchesPerEpoch {
                    _ = window.pointee.upcoming(at: batches.rows(ofBatch: index + 1), of: order)
                }
                #expect((0..<rows.count).allSatisfy { Int(found[$0]) == order[rows.lowerBound + $0] })
            }
        }
    }

    @Test func firstEpochIsShuffled() {
        for epoch in [0, 1] {
            let order = EpochOrder(count: 1000, seed: 42, epoch: epoch)
            let atHome = order.indices.count { order[$0] == $0 }
            let ascending = zip(order, order.dropFirst()).count { $0 < $1 }
            #expect(atHome < 10)  // 1 on average
            #expect((440...560).contains(ascending))  // 499.5 on average, deviation 9.1
        }
    }

    @Test func isAPureFunctionOfItsKey() {
        let order = EpochOrder(count: 500, seed: 42, epoch: 3)
        let backwards = order.indices.reversed().map { EpochOrder(count: 500, seed: 42, epoch: 3)[$0] }
        #expect(Array(order) == backwards.reversed())
        // The order is part of what a recipe means: these may only change together with the format of recipes.
        #expect(Array(EpochOrder(count: 10, seed: 42, epoch: 1)) == [0, 2, 9, 4, 1, 8, 5, 7, 3, 6])
        #expect(Array(EpochOrder(count: 60_000, seed: 42, epoch: 1).prefix(4)) == [44978, 56122, 34209, 40759])
    }

    @Test func otherEpochsAndSeedsGiveOtherOrders() {
        let order = Array(EpochOrder(count: 1000, seed: 42, epoch: 1))
        for (seed, epoch): (UInt64, Int) in [(42, 2), (42, 1 << 40), (43, 1), (42 ^ (1 << 63), 1), (1, 42)] {
            let other = EpochOrder(count: 1000, seed: seed, epoch: epoch)
            #expect(zip(order, other).count { $0 == $1 } < 10)  // 1 on average
        }
    }
}

/// Statistics over many epochs, each held against orders that are bijections but not shuffles.
@Suite struct EpochOrderStatisticsTests {
    static let orders: [(name: String, order: @Sendable (_ count: Int, _ epoch: Int) -> [Int])] = [
        ("shuffle", { Array(EpochOrder(count: $0, seed: 42, epoch: $1)) }),
        ("identity", { count, _ in Array(0..<count) }),
        (
            "rotation",
            { count, epoch in (0..<count).map { ($0 + Int(CounterRandom.mix(UInt64(epoch)) % 997)) % count } }
        ),
        (
            "affine",
            { count, epoch in
                // The multiplier is odd and the counts below are powers of two, so that this is a bijection.
                let word = CounterRandom.mix(UInt64(epoch))
                return (0..<count).map { Int(((word | 1) &* UInt64($0) &+ (word >> 32)) % UInt64(count)) }
            }
        ),
    ]

    /// How many deviations a chi-square statistic lies above its mean, cells being equally likely.
    static func excess(of cells: [Int], freedom: Int) -> Double {
        let expected = Double(cells.reduce(0, +)) / Double(cells.count)
        let chiSquare = cells.map { (Double($0) - expected) * (Double($0) - expected) }.reduce(0, +) / expected
        return (chiSquare - Double(freedom)) / (2 * Double(freedom)).squareRoot()
    }

    /// Counts where each example lands: every (position, example) is as likely as any other.
    static func landing(count: Int, epochs: Int, order: (Int, Int) -> [Int]) -> Double {
        var cells = [Int](repeating: 0, count: count * count)
        for epoch in 1...epochs {
            for (position, example) in order(count, epoch).enumerated() { cells[position * count + example] += 1 }
        }
        return excess(of: cells, freedom: count * (count - 1))
    }

    /// Counts which example follows which: every pair of different examples is as likely as any other.
    static func following(count: Int, epochs: Int, order: (Int, Int) -> [Int]) -> Double {
        var cells = [Int](repeating: 0, count: count * (count - 1))
        for epoch in 1...epochs {
            let order = order(count, epoch)
            for (a, b) in zip(order, order.dropFirst()) { cells[a * (count - 1) + (b < a ? b : b - 1)] += 1 }
        }
        return excess(of: cells, freedom: cells.count - 1)
    }

    @Test(arguments: [4, 8, 16, 64, 128]) func examplesLandEverywhere(count: Int) {
        #expect(abs(Self.landing(count: count, epochs: 4000, order: Self.orders[0].order)) < 5)
    }

    @Test(arguments: [4, 8, 16, 64, 128]) func anyExampleFollowsAny(count: Int) {
        #expect(abs(Self.following(count: count, epochs: 4000, order: Self.orders[0].order)) < 5)
    }

    @Test func statisticsTellBrokenOrders() {
        #expect(Self.landing(count: 64, epochs: 4000, order: Self.orders[1].order) > 100)
        #expect(Self.following(count: 64, epochs: 4000, order: Self.orders[1].order) > 100)
        #expect(Self.following(count: 64, epochs: 4000, order: Self.orders[2].order) > 100)
        #expect(Self.following(count: 64, epochs: 4000, order: Self.orders[3].order) > 30)
    }

    @Test func allOrdersOfFiveExamplesComeEquallyOften() {
        var cells: [Int: Int] = [:]
        for epoch in 1...60_000 {
            cells[EpochOrder(count: 5, seed: 42, epoch: epoch).reduce(0) { $0 * 5 + $1 }, default: 0] += 1
        }
        #expect(cells.count == 120)
        #expect(abs(Self.excess(of: Array(cells.values), freedom: 119)) < 5)
    }

    /// A shuffle moves an example by (n^2 - 1)/(3n) positions on average.
    @Test func meanDisplacementIsAThird() {
        func displacement(_ order: (Int, Int) -> [Int]) -> Double {
            let sums = (1...100).map { epoch in
                order(1024, epoch).enumerated().reduce(0) { $0 + abs($1.offset - $1.element) }
            }
            return Double(sums.reduce(0, +)) / (100 * 1024)
        }
        let expected = (1024.0 * 1024 - 1) / (3 * 1024)
        #expect(abs(displacement(Self.orders[0].order) - expected) < 4)  // deviation 0.7
        #expect(displacement(Self.orders[1].order) == 0)
    }

    /// The mean over an epoch's batches has no variance, and two batches of one epoch covary by -v/(n - 1).
    @Test func batchesOfAnEpochAreAntiCorrelated() {
        let batches = 8
        let batch = 16
        let count = 128
        let epochs = 4000
        let values = (0..<count).map { CounterRandom(seed: 1, purpose: .data).normal(at: UInt64($0)) }
        let mean = values.reduce(0, +) / Double(count)

        /// The variance of a batch's mean, the covariance of two batches' and the variance of the epoch's.
        func moments(_ order: (Int, Int) -> [Int]) -> (batch: Double, pair: Double, epoch: Double) {
            var moments = (batch: 0.0, pair: 0.0, epoch: 0.0)
            for epoch in 1...epochs {
                let order = order(count, epoch)
                let errors = (0..<batches).map { index in
                    order[(index * batch)..<((index + 1) * batch)].reduce(0) { $0 + values[$1] } / Double(batch) - mean
                }
                let sum = errors.reduce(0, +)
                let squares = errors.reduce(0) { $0 + $1 * $1 }
                moments.batch += squares / Double(batches * epochs)
                moments.pair += (sum * sum - squares) / Double(batches * (batches - 1) * epochs)
                moments.epoch += sum * sum / Double(batches * batches * epochs)
            }
            return moments
        }
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(count)
        let withoutReplacement = variance / Double(batch) * Double(count - batch) / Double(count - 1)

        let shuffled = moments(Self.orders[0].order)
        #expect(abs(shuffled.batch / withoutReplacement - 1) < 0.05)
        #expect(abs(shuffled.pair / (-withoutReplacement / Double(batches - 1)) - 1) < 0.05)
        #expect(shuffled.epoch < 1e-28)

        let replaced = moments { count, epoch in
            let random = CounterRandom(seed: 1, purpose: .shuffle, epoch: epoch)
            return (0..<count).map { Int(random.uniform(at: UInt64($0)) * Double(count)) }
        }
        #expect(abs(replaced.epoch / (variance / Double(count)) - 1) < 0.2)
        #expect(abs(replaced.pair) < withoutReplacement / 50)
    }
}

@Suite struct CounterRandomTests {
    @Test func everyPartOfTheKeyMatters() {
        let keys: Set<UInt64> = [
            CounterRandom.key(seed: 0, purpose: .shuffle),
            CounterRandom.key(seed: 1, purpose: .shuffle),
            CounterRandom.key(seed: 0, purpose: .data),
            CounterRandom.key(seed: 0, purpose: .shuffle, epoch: 1),
            CounterRandom.key(seed: 0, purpose: .shuffle, example: 1),
            CounterRandom.key(seed: 0, purpose: .shuffle, layer: 1),
            CounterRandom(seed: 0, purpose: .shuffle).keyed(by: 0).key,
            CounterRandom(seed: 0, purpose: .shuffle).keyed(by: 1).key,
        ]
        #expect(keys.count == 8)
    }

    /// The first numbers of SplitMix64 from seed 1234567, as published with its reference code.
    @Test func mixIsThatOfSplitMix64() {
        let outputs = (1...3).map { CounterRandom.mix(1_234_567 &+ UInt64($0) &* CounterRandom.increment) }
        #expect(outputs == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test func uniformNumbersHaveTheirMoments() {
        let random = CounterRandom(seed: 42, purpose: .dropout, epoch: 1, example: 2, layer: 3)
        let numbers = (0..<100_000).map { random.uniform(at: UInt64($0)) }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        #expect(abs(moment(1, of: numbers) - 1.0 / 2) < 0.005)
        #expect(abs(moment(2, of: numbers) - 1.0 / 3) < 0.005)
        let neighbours = zip(numbers, numbers.dropFirst()).map { ($0 - 0.5) * ($1 - 0.5) }
        #expect(abs(moment(1, of: neighbours)) < 0.0015)  // deviation 0.00026
    }

    @Test func normalNumbersHaveTheirMoments() {
        let random = CounterRandom(seed: 42, purpose: .initialisation, layer: 1)
        let numbers = (0..<100_000).map { random.normal(at: UInt64($0)) }
        #expect(abs(moment(1, of: numbers)) < 0.02)
        #expect(abs(moment(2, of: numbers) - 1) < 0.03)
        #expect(abs(moment(3, of: numbers)) < 0.08)
        #expect(abs(moment(4, of: numbers) - 3) < 0.2)
    }

    @Test func oneFlippedBitFlipsHalf() {
        var flips = 0
        for counter in 0..<64 as Range<UInt64> {
            for bit in 0..<64 as Range<UInt64> {
                let a = CounterRandom(key: 99)
                let b = CounterRandom(key: 99 ^ (1 << bit))
                flips += (a.bits(at: counter) ^ b.bits(at: counter)).nonzeroBitCount
            }
        }
        #expect(abs(Double(flips) / (64 * 64) - 32) < 0.4)
    }

    private func moment(_ power: Int, of numbers: [Double]) -> Double {
        numbers.reduce(0) { sum, x in sum + (0..<power).reduce(1.0) { product, _ in product * x } }
            / Double(numbers.count)
    }
}

@Suite struct BatchScheduleTests {
    @Test(arguments: [
        (100, 32, LastBatch.keep, [0..<32, 32..<64, 64..<96, 96..<100]),
        (100, 32, .pad, [0..<32, 32..<64, 64..<96, 96..<100]),
        (100, 32, .drop, [0..<32, 32..<64, 64..<96]),
        (96, 32, .keep, [0..<32, 32..<64, 64..<96]),
        (96, 32, .drop, [0..<32, 32..<64, 64..<96]),
        (3, 1, .keep, [0..<1, 1..<2, 2..<3]),
        (3, 8, .keep, [0..<3]),
        (3, 8, .pad, [0..<3]),
        (3, 8, .drop, []),
        (3, .max, .keep, [0..<3]),
        (0, 8, .keep, []),
    ])
    func cutsAnEpoch(examples: Int, batch: Int, last: LastBatch, rows: [Range<Int>]) {
        let schedule = BatchSchedule(examples: examples, batch: batch, last: last)
        #expect(schedule.batchesPerEpoch == rows.count)
        #expect((0..<schedule.batchesPerEpoch).map { schedule.rows(ofBatch: $0) } == rows)
        #expect(schedule.examplesPerEpoch == rows.reduce(0) { $0 + $1.count })
    }
}

/// Orders that keep blocks of examples together.
@Suite struct BlockOrderTests {
    @Test(arguments: [1, 2, 31, 32, 33, 100, 1000, 4097], [1, 3, 8, 50, 5000])
    func everyExampleComesOnce(count: Int, block: Int) {
        for epoch in 1...3 {
            let order = EpochOrder(count: count, seed: 42, epoch: epoch, block: block)
            #expect(Array(order).sorted() == Array(0..<count))
            var filled = [UInt64](repeating: 0, count: count)
            filled.withUnsafeMutableBufferPointer { buffer in
                for first in stride(from: 0, to: count, by: 37) {
                    order.fill(buffer.baseAddress! + first, positions: first..<min(first + 37, count))
                }
            }
            #expect(filled.map { Int($0) } == Array(order))
        }
    }

    @Test func aGroupComesFromAFewRuns() {
        let order = EpochOrder(count: 100_000, seed: 1, epoch: 1, block: 50)
        let group = 50 * EpochOrder.blocksTogether
        for first in stride(from: 0, to: 100_000 - group, by: group) {
            let examples = Set((first..<first + group).map { order[$0] })
            let runs = examples.count { !examples.contains($0 + 1) }
            #expect(runs <= EpochOrder.blocksTogether + 1)
            let announced = first == 0 ? [] : order.upcomingRuns(after: first - 1).flatMap { Array($0) }
            if first > 0 { #expect(Set(announced) == examples) }
        }
        // a full shuffle has hundreds
        let full = EpochOrder(count: 100_000, seed: 1, epoch: 1)
        let examples = Set((0..<group).map { full[$0] })
        #expect(examples.count { !examples.contains($0 + 1) } > 1000)
    }

    @Test func everyExampleMayComeFirst() {
        // 2,000 epochs over 20 examples: 100 each, with a standard deviation below 10
        var firsts = [Int](repeating: 0, count: 20)
        for epoch in 1...2000 { firsts[EpochOrder(count: 20, seed: 3, epoch: epoch, block: 4)[0]] += 1 }
        #expect(firsts.allSatisfy { abs($0 - 100) < 50 })
    }
}
