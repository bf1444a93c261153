import Testing

@testable import batchwise

@Suite struct PlotTests {
    @Test func pointsAreDrawnWhereTheyAre() {
        let plot = Plot(
            series: [
                .init(mark: "·", points: [(0, 4), (1, 4), (2, 4)]), .init(mark: "●", points: [(0, 0), (1, 2), (2, 4)]),
            ], first: "0", last: "2 updates")
        #expect(
            plot.lines(width: 20, height: 5) == [
                "4 ┤·       ·       ●",
                "  │",
                "2 ┤        ●",
                "  │",
                "0 ┤●",
                "  └─────────────────",
                "   0       2 updates",
            ])
    }

    /// Each factor of 10 is as high as the next where all are above 0; numbers that are not finite are left out.
    @Test func heightsFarApartAreLogarithmic() {
        let plot = Plot(
            series: [.init(mark: "●", points: [(0, 1), (1, 10), (2, 100), (3, .infinity), (.nan, 3)])], first: "",
            last: "")
        let lines = plot.lines(width: 20, height: 5)
        #expect(lines[0] == "100 ┤              ●" && lines[2] == " 10 ┤       ●" && lines[4] == "  1 ┤●")
    }

    @Test func emptyAndLevelPlotsAreDrawn() {
        #expect(Plot(series: [], first: "", last: "").lines(width: 20, height: 5) == [])
        let level = Plot(series: [.init(mark: "●", points: [(0, 3), (1, 3)])], first: "a", last: "b")
        #expect(level.lines(width: 20, height: 5)[2].contains("●"))
    }

    @Test func darkerShadesAreLarger() {
        #expect(
            ShadeMap(rows: [[0, 1, nil], [2, 3, 4.5]]).lines == [
                "│  ::??│", "│==**@@│", "from ' ' for 0 to '@' for 4.5",
            ])
        #expect(ShadeMap(rows: [[1, 10, 100]]).lines == ["│  ++@@│", "from ' ' for 1 to '@' for 100, logarithmic"])
        #expect(ShadeMap(rows: []).lines == [] && ShadeMap(rows: [[2, 2]]).lines[0] == "│    │")
    }
}
