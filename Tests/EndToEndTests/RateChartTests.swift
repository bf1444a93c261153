import Batchwise
import Foundation
import Testing

@testable import batchwise

@Suite struct RateChartTests {
    private func chart(_ rate: LearningRate, epochs: Int = 20) throws -> RateChart {
        RateChart(
            rate: try rate.resolved(examplesPerEpoch: 1000, batch: 10, epochs: epochs), epochs: epochs)
    }

    @Test func aLineIsDrawnCellByCell() throws {
        #expect(
            try chart(LearningRate.constant(0.1).decay(.linear)).lines(width: 26, height: 4) == [
                " 0.1 ┤▇▆▄▂▁",
                "     │█████▇▆▄▂▁",
                "0.05 ┤██████████▇▆▄▂▁",
                "     │███████████████▇▆▄▂▁",
                "   0 └────────────────────",
                "      0          20 epochs",
            ])
    }

    /// Two cuts to a tenth are two equal steps of a logarithmic axis; the lowest rate is still seen.
    @Test func ratesThatFallByFactorsAreDrawnLogarithmically() throws {
        let rate = LearningRate.constant(0.1).decay(.multiStep(at: [.epochs(10), .epochs(15)]))
        #expect(
            try chart(rate).lines(width: 47, height: 4) == [
                "  0.1 ┤" + String(repeating: "█", count: 20),
                "      │" + String(repeating: "█", count: 20),
                " 0.01 ┤" + String(repeating: "█", count: 30),
                "      │" + String(repeating: "█", count: 30) + String(repeating: "▁", count: 10),
                "0.001 └" + String(repeating: "─", count: 40),
                "       0         5         10         20 epochs",
            ])
    }

    /// The chart draws the rate: each column is as many eighths of a row high as the rate's share of the peak, at any
    /// size.
    @Test(arguments: [(80, 10), (120, 24), (40, 5), (10, 1), (27, 2)])
    func columnsAreAsHighAsTheRate(width: Int, height: Int) throws {
        let chart = try chart(LearningRate.constant(0.3).warmup(.epochs(5)).cosine())
        let lines = chart.lines(width: width, height: height)
        let rows = lines.count - 2
        #expect(rows == max(height, 2))
        #expect(lines.allSatisfy { $0.count <= max(width, 20) && !$0.contains("\u{1B}") })
        let left = try #require(lines[rows].firstIndex(of: "└"))
        let margin = lines[rows].distance(from: lines[rows].startIndex, to: left) + 1
        let columns = lines[rows].count - margin
        let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        for column in 0..<columns {
            let eighths = lines[..<rows].reduce(0) { sum, line in
                let cells = Array(line)
                return sum + (margin + column < cells.count ? blocks.firstIndex(of: cells[margin + column])! : 0)
            }
            let expected = chart.rate.rate(afterExamples: Int(20_000 * (Double(column) + 0.5) / Double(columns))) / 0.3
            #expect(abs(Double(eighths) / Double(8 * rows) - expected) <= 1 / Double(8 * rows), "column \(column)")
        }
    }

    @Test func epochsAreRoundNumbers() throws {
        let rate = LearningRate.constant(1)
        func axis(_ epochs: Int, _ width: Int) throws -> [Substring] {
            try #require(chart(rate, epochs: epochs).lines(width: width, height: 4).last).split(separator: " ")
        }
        #expect(try axis(20, 80) == ["0", "5", "10", "15", "20", "epochs"])
        #expect(try axis(90, 80) == ["0", "10", "20", "30", "40", "50", "60", "70", "90", "epochs"])
        #expect(try axis(1, 80) == ["0", "0.2", "0.4", "0.6", "0.8", "1", "epoch"])
        #expect(try axis(300, 80) == ["0", "50", "100", "150", "200", "300", "epochs"])
        #expect(try axis(7, 20) == ["0", "7", "epochs"])
    }

    @Test func pointsGoFromTheStartOfTheRunToItsEnd() throws {
        struct Point: Decodable {
            var epoch: Double
            var examples: Int
            var rate: Double
            var momentum: Double?
        }
        let linear = try chart(LearningRate.constant(0.1).decay(.linear)).points(5).text
        let points = try JSONDecoder().decode([Point].self, from: Data(linear.utf8))
        #expect(points.map(\.epoch) == [0, 5, 10, 15, 20])
        #expect(points.map(\.examples) == [0, 5000, 10_000, 15_000, 20_000])
        #expect(points.allSatisfy { abs($0.rate - max(0, 0.1 * (1 - Double($0.examples) / 19_990))) < 1e-15 })
        #expect(points.allSatisfy { $0.momentum == nil })
        let cycle = try chart(LearningRate.constant(0.1).decay(.oneCycle)).points(11).text
        let momenta = try JSONDecoder().decode([Point].self, from: Data(cycle.utf8)).map(\.momentum)
        #expect(momenta[0] == 0.95 && momenta[10] == 0.95)
        #expect(abs((momenta[3] ?? 0) - 0.85) < 1e-4)
    }
}
