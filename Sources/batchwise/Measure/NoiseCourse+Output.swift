import Batchwise
import BatchwiseExperiments
import Foundations

extension NoiseCourse {
    var json: JSON {
        .array(
            points.map { point in
                // the updates are those of the place
                .object(
                    point.place.entries + [("loss", .number(point.loss)), ("batches", .int(point.noise.updates))]
                        + point.noise.entries.filter { $0.key != "updates" })
            })
    }

    /// A table and, of several points, a plot of what is known.
    var lines: [String] {
        let rows = points.map { point in
            [
                significant(point.place.epochs), grouped(Double(point.place.updates)), significant(point.loss),
                point.noise.shown,
            ]
        }
        let table = Columns(header: ["epochs", "updates", "loss", "noise scale"], rows: rows).lines
        func places(_ numbers: (NoiseScale.Estimate) -> [Double?]) -> [(x: Double, y: Double)] {
            points.flatMap { point in
                numbers(point.noise).compactMap { $0 }.map { (x: Double(point.place.updates), y: $0) }
            }
        }
        // without an upper end the value may be anything
        let values = places { $0.high == nil ? [] : [$0.noiseScale] }
        let ends = places { [$0.low, $0.high] }
        guard let last = points.last, points.count > 1, !ends.isEmpty else { return table }
        // an upper end that is hardly known would press all others together
        let highest = 10 * (values + places { [$0.low] }).reduce(0) { max($0, $1.y) }
        let plot = Plot(
            series: [
                .init(mark: "·", points: ends.filter { $0.y <= highest }), .init(mark: "●", points: values),
            ], first: "0", last: counted(last.place.updates, "update"))
        return table + ["", "● noise scale   · ends of its interval"] + plot.lines(width: 79, height: 12)
    }
}
