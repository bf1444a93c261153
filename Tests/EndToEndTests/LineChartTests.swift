import Foundation
import Testing

@testable import batchwise

@Suite struct LineChartTests {
    /// 30 points over two decades: 4, 2, and 8, which is above the axis.
    @Test func pointsAreColumns() {
        let points = (0..<30).map { place in
            (x: 0.01 * pow(10, Double(place) / 14.5), y: place < 10 ? 4.0 : place < 20 ? 2.0 : 8.0)
        }
        #expect(
            LineChart(points: points).lines(width: 39, height: 4) == [
                "      5 ┤▂▂▂▂▂▂▂▂▂▂          ██████████",
                "        │██████████          ██████████",
                "    2.5 ┤██████████▅▅▅▅▅▅▅▅▅▅██████████",
                "        │██████████████████████████████",
                "      0 └──────────────────────────────",
                "         0.01      0.05 0.1 0.2   0.5 1",
            ])
    }

    /// Losses of 0, losses that are far above the first ones and losses that are not finite are drawn too.
    @Test(arguments: [
        [0.0, 0, 0], [1e-300, 1, 1e300], [1e-3, .infinity, .nan], [1e308, 1e308, 1e308], [.nan, 1, 2],
    ])
    func lossesOfAnySizeAreDrawn(losses: [Double]) {
        let chart = LineChart(points: losses.enumerated().map { (x: 0.1 * pow(10, Double($0.offset)), y: $0.element) })
        let lines = chart.lines(width: 40, height: 4)
        #expect(lines.count == 6 && lines.allSatisfy { $0.count <= 40 })
        #expect(!lines.joined().contains("nan") && !lines.joined().contains("inf"))
    }

    @Test func noPointsAreNoLines() {
        #expect(LineChart(points: []).lines(width: 40, height: 4).isEmpty)
        #expect(LineChart(points: [(1, 1)]).lines(width: 40, height: 4).isEmpty)
    }
}
