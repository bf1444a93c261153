import Testing

@testable import BatchwiseExperiments

/// T(B) = a + b B against made times with a known answer.
@Suite struct TimeOfUpdateTests {
    private static let sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

    private func points(_ time: (Double) -> Double, noise: [Double] = [0]) -> [TimeOfUpdate.Point] {
        Self.sizes.enumerated().map { index, size in
            .init(batch: size, seconds: time(Double(size)) * (1 + noise[index % noise.count]))
        }
    }

    @Test(arguments: [(1e-5, 2e-7), (3e-4, 1e-6), (0, 5e-6)])
    func aLineIsFound(a: Double, b: Double) throws {
        let fit = try #require(TimeOfUpdate(points { a + b * $0 }))
        #expect(abs(fit.seconds - a) < 1e-6 * (a + b) && abs(fit.secondsPerExample / b - 1) < 1e-6)
        let error = try #require(fit.heldOutError)
        #expect(fit.kink == nil && error < 1e-6)
        #expect(abs(fit(100) / (a + 100 * b) - 1) < 1e-6)
    }

    /// Errors of 4% move the fit by about as much, and a fit of the longest times alone would lose the short ones.
    @Test func relativeErrorsCountAlike() throws {
        let noise = [0.04, -0.03, 0.02, -0.04, 0.03, -0.02, 0.01]
        let fit = try #require(TimeOfUpdate(points({ 1e-5 + 2e-7 * $0 }, noise: noise)))
        for size in Self.sizes { #expect(abs(fit(Double(size)) / (1e-5 + 2e-7 * Double(size)) - 1) < 0.05) }
        #expect(try #require(fit.heldOutError) < 0.1)
    }

    /// Twice the time an example from B = 128 on: where a cache is full.
    @Test func aKinkIsFoundWhereTheDataShowIt() throws {
        func time(_ batch: Double) -> Double { 1e-5 + 2e-7 * batch + 2e-7 * max(batch - 128, 0) }
        let fit = try #require(TimeOfUpdate(points(time)))
        let kink = try #require(fit.kink)
        #expect(kink.batch == 128 && abs(kink.change / 2e-7 - 1) < 1e-6)
        #expect(abs(fit(300) / time(300) - 1) < 1e-6)
    }

    @Test func tooFewPointsGiveNoFit() {
        #expect(TimeOfUpdate([]) == nil)
        #expect(TimeOfUpdate([.init(batch: 8, seconds: 1), .init(batch: 8, seconds: 2)]) == nil)
        #expect(TimeOfUpdate([.init(batch: 8, seconds: 0), .init(batch: 16, seconds: 2)]) == nil)
        #expect(TimeOfUpdate([.init(batch: 8, seconds: .nan), .init(batch: 16, seconds: 2)]) == nil)
    }
}
