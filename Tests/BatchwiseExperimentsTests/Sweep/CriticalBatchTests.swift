import Foundation
import Testing

@testable import BatchwiseExperiments

@Suite struct CriticalBatchTests {
    private static let sizes: [Double] = [8, 16, 32, 64, 128, 256, 512, 1024]

    private static func updates(_ batch: Double, _ least: Double, _ critical: Double, _ a: Double) -> Double {
        least * pow(1 + pow(critical / batch, a), 1 / a)
    }

    /// Runs of the curve with noise of this deviation in their logarithm.
    private static func runs(
        _ least: Double, _ critical: Double, _ a: Double, seeds: Int, noise: Double,
        _ random: inout some RandomNumberGenerator
    ) -> [(batch: Double, updates: Double)] {
        sizes.flatMap { batch in
            (0..<seeds).map { _ in
                // the sum of twelve uniform numbers is normal enough
                let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
                return (batch, updates(batch, least, critical, a) * exp(noise * normal))
            }
        }
    }

    @Test func theCurveIsRecovered() throws {
        var random = SplitMix(state: 3)
        for _ in 0..<8 {
            let least = Double.random(in: 50...5000, using: &random)
            let critical = exp(Double.random(in: log(30)...log(300), using: &random))
            let a = Double.random(in: 0.7...4, using: &random)
            let found = try #require(CriticalBatch(Self.runs(least, critical, a, seeds: 1, noise: 0, &random)))
            #expect(abs(try #require(found.value) / critical - 1) < 1e-3, "\(found) of \(critical)")
            #expect(abs(found.exponent / a - 1) < 1e-2 && abs(found.leastUpdates / least - 1) < 1e-3)
        }
    }

    /// The interval of 95% covers the truth in most repeats, and a batch twice as large in few.
    @Test func theIntervalCoversTheTruth() {
        var random = SplitMix(state: 11)
        var (covered, coveredByTwice) = (0, 0)
        for _ in 0..<60 {
            let found = CriticalBatch(Self.runs(400, 100, 1.6, seeds: 3, noise: 0.1, &random))
            guard let low = found?.low, let high = found?.high else { continue }
            if low <= 100, 100 <= high { covered += 1 }
            if low <= 200, 200 <= high { coveredByTwice += 1 }
        }
        #expect(covered >= 53, "\(covered) of 60")
        #expect(coveredByTwice <= 6, "\(coveredByTwice) of 60")
    }

    /// No place on a dense grid of the three parameters has a smaller sum of squares.
    @Test func noCurveIsNearer() throws {
        var random = SplitMix(state: 5)
        let runs = Self.runs(300, 60, 1.2, seeds: 2, noise: 0.2, &random)
        func sum(_ least: Double, _ critical: Double, _ a: Double) -> Double {
            runs.reduce(0) { $0 + pow(log($1.updates) - log(Self.updates($1.batch, least, critical, a)), 2) }
        }
        let found = try #require(CriticalBatch(runs))
        let own = sum(found.leastUpdates, try #require(found.value), found.exponent)
        for least in stride(from: log(100), through: log(1000), by: 0.05) {
            for critical in stride(from: log(5), through: log(1000), by: 0.05) {
                for a in [0.35, 0.5, 0.7, 0.9, 1, 1.2, 1.5, 2, 3, 5, 8] {
                    #expect(sum(exp(least), exp(critical), a) >= own - 1e-9)
                }
            }
        }
    }

    @Test func dataThatDoNotBoundItSaySo() throws {
        var random = SplitMix(state: 9)
        let far = try #require(CriticalBatch(Self.runs(400, 1e6, 1.5, seeds: 2, noise: 0.05, &random)))
        #expect(far.value == nil && far.high == nil && far.low ?? 0 > 100)
        let near = try #require(CriticalBatch(Self.runs(400, 0.01, 1.5, seeds: 2, noise: 0.05, &random)))
        #expect(near.value == nil && near.low == nil && near.high ?? .infinity < 100)
        #expect(CriticalBatch([]) == nil)
        #expect(CriticalBatch([(8, 100), (8, 110), (16, 60), (16, 50)]) == nil)
        #expect(CriticalBatch([(8, 100), (16, 60), (32, 50)]) == nil)
    }
}

/// Numbers that are the same in every run of the tests.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
