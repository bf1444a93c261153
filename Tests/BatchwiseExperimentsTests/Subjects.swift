import Batchwise
import BatchwiseData
import BatchwiseExperiments

extension Subject {
    /// The subject of a recipe on a data set of a test's own.
    init(_ recipe: Recipe, _ data: Dataset, model: Model? = nil, machine: Machine = Machine(threads: 2)) throws {
        let preprocessing = Preprocessing(
            featureShape: data.featureShape, features: .uniform(scale: 1, shift: 0), target: .none)
        try self.init(
            recipe, data: LoadedData(train: data, test: nil, preprocessing: preprocessing), model: model,
            machine: machine)
    }
}

/// Normal numbers that a seed fixes.
struct NormalNumbers {
    private let random: CounterRandom
    private var place: UInt64 = 0

    init(_ seed: UInt64) { random = CounterRandom(seed: seed, purpose: .data) }

    mutating func next() -> Double {
        place += 1
        return random.normal(at: place)
    }

    mutating func vector(_ count: Int) -> [Double] { (0..<count).map { _ in next() } }
}

/// A dense symmetric matrix, and its eigenvalues by Jacobi's rotations: slow, and independent of Lanczos's method.
struct DenseMatrix {
    var rows: [[Double]]

    var count: Int { rows.count }
    var trace: Double { rows.indices.reduce(0) { $0 + rows[$1][$1] } }

    /// A matrix of random normal numbers.
    static func random(_ count: Int, seed: UInt64) -> DenseMatrix {
        var numbers = NormalNumbers(seed)
        var rows = Array(repeating: Array(repeating: 0.0, count: count), count: count)
        for i in 0..<count {
            for j in 0...i {
                rows[i][j] = numbers.next()
                rows[j][i] = rows[i][j]
            }
        }
        return DenseMatrix(rows: rows)
    }

    func times(_ vector: [Double]) -> [Double] {
        rows.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    /// The eigenvalues, the largest first.
    var eigenvalues: [Double] {
        var a = rows
        for _ in 0..<60 {
            var rest = 0.0
            for p in 0..<count {
                for q in 0..<p {
                    rest += a[p][q] * a[p][q]
                    guard a[p][q] != 0 else { continue }
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<count { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
                    for k in 0..<count { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
                }
            }
            if rest < 1e-24 { break }
        }
        return a.indices.map { a[$0][$0] }.sorted(by: >)
    }
}
