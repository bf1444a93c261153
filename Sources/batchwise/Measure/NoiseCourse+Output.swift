import BatchwiseExperiments
import Foundations

extension NoiseCourse {
    var json: JSON {
        .array(
            points.map { point in
                .object(point.place.entries + [("loss", .number(point.loss))] + point.noise.entries)
            })
    }

    /// A table and, of several points whose noise scale is known, a plot.
    var lines: [String] {
        let rows = points.map { point in
            [
                significant(point.place.epochs), grouped(Double(point.place.updates)), significant(point.loss),
                point.noise.shown,
            ]
        }
        let table = Columns(header: ["epochs", "updates", "loss", "noise scale"], rows: rows).lines
        let values = points.compactMap { point in
            point.noise.noiseScale.map { (x: Double(point.place.updates), y: $0) }
        }
        guard let last = points.last, values.count > 1 else { return table }
        let ends = points.flatMap { point in
            [point.noise.low, point.noise.high].compactMap { end in
                end.map { (x: Double(point.place.updates), y: $0) }
            }
        }
        // an upper end that is hardly known would press all others together
        let highest = 10 * values.reduce(0) { max($0, $1.y) }
        let plot = Plot(
            series: [
                .init(mark: "·", points: ends.filter { $0.y <= highest }), .init(mark: "●", points: values),
            ], first: "0", last: counted(last.place.updates, "update"))
        return table + ["", "● noise scale   · ends of its interval"] + plot.lines(width: 79, height: 12)
    }
}
