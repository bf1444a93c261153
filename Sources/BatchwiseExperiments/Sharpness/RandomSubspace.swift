import Batchwise

/// The span of random directions: A y for y of few dimensions, the columns of A being normal numbers of unit length.
struct RandomSubspace {
    private let columns: [[Float]]

    /// So many directions in a space of `count` dimensions.
    init(count: Int, dimensions: Int, random: CounterRandom) {
        columns = (0..<dimensions).map { index in
            let stream = random.keyed(by: UInt64(index))
            let numbers = (0..<count).map { stream.normal(at: UInt64($0)) }
            return scaled(1 / norm(numbers), numbers).map { Float($0) }
        }
    }

    /// The bytes of the directions.
    static func byteCount(count: Int, dimensions: Int) -> Int { 4 * count * dimensions }

    /// origin + A y.
    func place(_ y: [Double], from origin: [Double]) -> [Double] {
        var result = origin
        for (factor, column) in zip(y, columns) where factor != 0 {
            for place in result.indices { result[place] += factor * Double(column[place]) }
        }
        return result
    }

    /// A' x.
    func products(_ x: [Double]) -> [Double] {
        columns.map { column in
            var sum = 0.0
            for place in x.indices { sum += x[place] * Double(column[place]) }
            return sum
        }
    }

    /// A+ x: the y whose A y is nearest to x, by Cholesky's factors of A'A.
    func coordinates(_ x: [Double]) -> [Double] {
        let count = columns.count
        var factor = Array(repeating: Array(repeating: 0.0, count: count), count: count)
        for i in 0..<count {
            let products = products(columns[i].map(Double.init))
            for j in 0...i {
                let rest = products[j] - (0..<j).reduce(0) { $0 + factor[i][$1] * factor[j][$1] }
                // unit columns that depend on each other have no rest
                factor[i][j] = i == j ? max(rest, 1e-12).squareRoot() : rest / factor[j][j]
            }
        }
        var y = products(x)
        for i in 0..<count { y[i] = (y[i] - (0..<i).reduce(0) { $0 + factor[i][$1] * y[$1] }) / factor[i][i] }
        for i in (0..<count).reversed() {
            y[i] = (y[i] - (i + 1..<count).reduce(0) { $0 + factor[$1][i] * y[$1] }) / factor[i][i]
        }
        return y
    }
}
