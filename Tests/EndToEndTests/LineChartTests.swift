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

    @Test func noPointsAreNoLines() {
        #expect(LineChart(points: []).lines(width: 40, height: 4).isEmpty)
        #expect(LineChart(points: [(1, 1)]).lines(width: 40, height: 4).isEmpty)
    }
}
