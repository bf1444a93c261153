import Batchwise

/// The time of an update as a function of the batch: T(B) = a + b B, or with another slope from a kink on, where a cache
/// is full or another path of the kernels begins.
package struct TimeOfUpdate: Sendable, Hashable {
    /// a: the seconds of an update that do not grow with the batch.
    package let seconds: Double
    /// b: the seconds of each example.
    package let secondsPerExample: Double
    /// The batch from which an example takes longer or shorter, and by how many seconds; nil where one line does.
    package let kink: (batch: Double, change: Double)?
    /// The largest relative error at a measured batch that is predicted from the others; nil of fewer than three.
    package let heldOutError: Double?

    /// a / b: the examples that take as long as the part of an update that does not grow with the batch; nil where it is
    /// not above 0.
    package var overhead: Double? {
        let ratio = seconds / secondsPerExample
        return ratio > 0 && ratio.isFinite ? ratio : nil
    }

    /// A measured time.
    package struct Point: Sendable, Hashable {
        package let batch: Int
        package let seconds: Double

        package init(batch: Int, seconds: Double) { (self.batch, self.seconds) = (batch, seconds) }
    }

    /// A line that is known.
    package init(seconds: Double, secondsPerExample: Double) {
        (self.seconds, self.secondsPerExample) = (seconds, secondsPerExample)
        (kink, heldOutError) = (nil, nil)
    }

    /// Fits points of at least two batches, each by its relative error. A kink is taken where it predicts points that
    /// are left out by a third better.
    package init?(_ points: [Point]) {
        guard let line = Line(points, kink: nil) else { return nil }
        var (best, error) = (line, Self.heldOutError(points, kink: nil))
        if let plain = error, plain > 0.05 {
            for kink in points.map({ Double($0.batch) }).sorted().dropFirst().dropLast() {
                guard let bent = Line(points, kink: kink), let found = Self.heldOutError(points, kink: kink),
                    found < 2 * plain / 3, found < error ?? plain
                else { continue }
                (best, error) = (bent, found)
            }
        }
        seconds = best.a
        secondsPerExample = best.b
        kink = best.kink.map { ($0, best.c) }
        heldOutError = error
    }

    /// The seconds of an update of so many examples.
    package func callAsFunction(_ batch: Double) -> Double {
        seconds + secondsPerExample * batch + (kink.map { $0.change * max(batch - $0.batch, 0) } ?? 0)
    }

    private static func heldOutError(_ points: [Point], kink: Double?) -> Double? {
        guard points.count > 2 else { return nil }
        var largest = 0.0
        for (index, point) in points.enumerated() {
            var others = points
            others.remove(at: index)
            guard let line = Line(others, kink: kink) else { return nil }
            largest = max(largest, abs(line.time(Double(point.batch)) / point.seconds - 1))
        }
        return largest
    }

    package static func == (one: TimeOfUpdate, other: TimeOfUpdate) -> Bool {
        one.seconds == other.seconds && one.secondsPerExample == other.secondsPerExample
            && one.kink?.batch == other.kink?.batch && one.kink?.change == other.kink?.change
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(secondsPerExample)
    }
}

/// a + b B + c max(B - kink, 0) with no part below 0, by least squares of relative errors.
private struct Line {
    var a = 0.0
    var b = 0.0
    var c = 0.0
    let kink: Double?

    init?(_ points: [TimeOfUpdate.Point], kink: Double?) {
        guard Set(points.map(\.batch)).count > 1, points.allSatisfy({ $0.seconds > 0 && $0.seconds.isFinite }) else {
            return nil
        }
        self.kink = kink
        let rows = points.map { point -> [Double] in
            let batch = Double(point.batch)
            let columns = [1, batch] + (kink.map { [max(batch - $0, 0)] } ?? [])
            return columns.map { $0 / point.seconds }
        }
        // a line through 0 where the intercept would be below it
        let found = Self.leastSquares(rows, columns: Array(0..<rows[0].count))
        guard var solution = found else { return nil }
        if solution[0] < 0 {
            guard let through = Self.leastSquares(rows, columns: Array(1..<rows[0].count)) else { return nil }
            solution = [0] + through
        }
        (a, b) = (solution[0], solution[1])
        if kink != nil { c = solution[2] }
        guard b > 0, b + c > 0 else { return nil }
    }

    func time(_ batch: Double) -> Double { a + b * batch + (kink.map { c * max(batch - $0, 0) } ?? 0) }

    /// The weights with which these columns come nearest to 1 in every row, by the normal equations.
    private static func leastSquares(_ rows: [[Double]], columns: [Int]) -> [Double]? {
        let count = columns.count
        // columns are of very different sizes
        let scales = columns.map { column in rows.reduce(0) { max($0, abs($1[column])) } }
        guard scales.allSatisfy({ $0 > 0 }) else { return nil }
        var matrix = (0..<count).map { i in
            (0..<count).map { j in
                rows.reduce(0) { $0 + $1[columns[i]] / scales[i] * ($1[columns[j]] / scales[j]) }
            } + [rows.reduce(0) { $0 + $1[columns[i]] / scales[i] }]
        }
        for pivot in 0..<count {
            guard let row = (pivot..<count).max(by: { abs(matrix[$0][pivot]) < abs(matrix[$1][pivot]) }),
                abs(matrix[row][pivot]) > 1e-12
            else { return nil }
            matrix.swapAt(pivot, row)
            for other in 0..<count where other != pivot {
                let factor = matrix[other][pivot] / matrix[pivot][pivot]
                for column in pivot...count { matrix[other][column] -= factor * matrix[pivot][column] }
            }
        }
        return (0..<count).map { matrix[$0][count] / matrix[$0][$0] / scales[$0] }
    }
}
