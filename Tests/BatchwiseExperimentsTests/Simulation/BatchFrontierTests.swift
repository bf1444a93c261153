import Foundation
import Testing

@testable import BatchwiseExperiments

@Suite struct BatchFrontierTests {
    private static let batches = (0..<14).map { pow(2, Double($0)) }

    @Test func theProductIsOneOnTheHyperbola() {
        let points = Self.batches.map { BatchFrontier.Point(batch: $0, updates: 300 * (1 + 90 / $0)) }
        let frontier = BatchFrontier(points: points, fewestUpdates: 300, fewestExamples: 27_000)
        #expect(frontier.criticalBatch == 90)
        for point in points { #expect(abs(frontier.product(point) - 1) < 1e-9) }
        #expect(abs(frontier.exponent - 1) < 1e-4)
        // a quarter of the critical batch: five times the updates, 1.25 times the examples
        #expect(abs(frontier.updates(batch: 22.5, exponent: 1) / 300 - 5) < 1e-12)
        #expect(abs(22.5 * frontier.updates(batch: 22.5, exponent: 1) / 27_000 - 1.25) < 1e-12)
    }

    @Test(arguments: [0.5, 1.4, 2, 6])
    func theExponentOfACurveIsFound(exponent: Double) {
        let points = Self.batches.map {
            BatchFrontier.Point(batch: $0, updates: 7 * pow(1 + pow(90 / $0, exponent), 1 / exponent))
        }
        let frontier = BatchFrontier(points: points, fewestUpdates: 7, fewestExamples: 630)
        #expect(abs(frontier.exponent / exponent - 1) < 1e-3)
        for point in points {
            #expect(abs(frontier.updates(batch: point.batch, exponent: exponent) / point.updates - 1) < 1e-12)
            let (updates, examples) = (point.updates / 7, point.batch * point.updates / 630)
            #expect(abs((pow(updates, exponent) - 1) * (pow(examples, exponent) - 1) - 1) < 1e-3)
        }
    }
}
