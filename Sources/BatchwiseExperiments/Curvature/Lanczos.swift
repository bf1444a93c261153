import Batchwise

/// An eigenvalue of a symmetric matrix H as products with H find it.
package struct Eigenvalue: Sendable, Hashable, Codable {
    /// v'Hv of the unit vector v that was found.
    package var value: Double
    /// |Hv - value v|: an eigenvalue of H is no farther than this from the value.
    package var residual: Double
    /// Whether the residual is within the tolerance.
    package var isConverged: Bool
}

/// Both ends of the spectrum of a symmetric matrix, by Lanczos's method with full reorthogonalisation [Lanczos 1950].
///
/// Residuals are measured by products of their own, and are not those that the method itself expects. Eigenvalues that
/// are exactly equal are found once.
package struct Lanczos: Sendable {
    /// The largest eigenvalues, the largest first.
    package private(set) var largest: [Eigenvalue] = []
    /// The smallest eigenvalue: the most negative one where there is any.
    package private(set) var smallest: Eigenvalue
    /// The number of products with the matrix.
    package private(set) var products = 0

    /// The settings: how many eigenvalues are found, and how closely.
    package struct Settings: Sendable {
        /// The number of largest eigenvalues.
        package var eigenvalues = 5
        /// The most steps: products before those that measure residuals. Each keeps a vector.
        package var steps = 100
        /// The residual of an eigenvalue that has converged, relative to the largest magnitude of any.
        package var tolerance = 1e-4

        package init(eigenvalues: Int = 5, steps: Int = 100, tolerance: Double = 1e-4) {
            (self.eigenvalues, self.steps, self.tolerance) = (eigenvalues, steps, tolerance)
        }
    }

    /// Finds the ends of the spectrum of a matrix of `count` rows.
    ///
    /// - Parameters:
    ///   - random: The normal numbers of the start vector.
    ///   - progress: Is told the number of steps that are done, and the most.
    ///   - product: The product of the matrix and a vector.
    package init(
        count: Int, _ settings: Settings, random: CounterRandom, progress: (Int, Int) -> Void = { _, _ in },
        product: ([Double]) throws -> [Double]
    ) throws {
        let most = min(max(settings.steps, 1), count)
        var basis = [Self.start(count, random.keyed(by: 0), orthogonalTo: [])]
        var matrix = Tridiagonal(diagonal: [], beside: [])
        while true {
            var next = try product(basis[basis.count - 1])
            products += 1
            matrix.diagonal.append(dot(next, basis[basis.count - 1]))
            Self.orthogonalise(&next, to: basis)
            let length = norm(next)
            progress(basis.count, most)
            let size = zip(matrix.diagonal, matrix.beside + [length]).reduce(0) { max($0, abs($1.0) + abs($1.1)) }
            let isInvariant = length <= 1e-7 * size
            if basis.count == most { break }
            let isDue = basis.count % 4 == 0 || isInvariant
            if isDue, Self.hasConverged(matrix, rest: isInvariant ? 0 : length, settings) { break }
            // where the space is used up, another vector finds what the first one could not
            matrix.beside.append(isInvariant ? 0 : length)
            basis.append(
                isInvariant
                    ? Self.start(count, random.keyed(by: UInt64(basis.count)), orthogonalTo: basis)
                    : scaled(1 / length, next))
        }
        var vectors = basis.indices.map { row in basis.indices.map { $0 == row ? 1.0 : 0 } }
        let values = matrix.eigenvalues(times: &vectors)
        let order = values.indices.sorted { values[$0] > values[$1] }
        func measure(_ column: Int) throws -> Eigenvalue {
            var vector = [Double](repeating: 0, count: count)
            for (row, part) in basis.enumerated() { add(vectors[row][column], part, to: &vector) }
            vector = scaled(1 / norm(vector), vector)
            var rest = try product(vector)
            let value = dot(vector, rest)
            add(-value, vector, to: &rest)
            return Eigenvalue(value: value, residual: norm(rest), isConverged: false)
        }
        var found: [Eigenvalue] = []
        for column in order.prefix(max(settings.eigenvalues, 1)) { found.append(try measure(column)) }
        found.sort { $0.value > $1.value }
        smallest = order.count > found.count ? try measure(order[order.count - 1]) : found[found.count - 1]
        products += min(order.count, found.count + 1)
        let size = (found + [smallest]).reduce(0) { max($0, abs($1.value)) }
        func judged(_ eigenvalue: Eigenvalue) -> Eigenvalue {
            var eigenvalue = eigenvalue
            if abs(eigenvalue.value) <= Self.rounding * size { eigenvalue.value = 0 }
            if eigenvalue.residual > 0 { eigenvalue.residual = max(eigenvalue.residual, Self.rounding * size) }
            eigenvalue.isConverged = eigenvalue.residual <= settings.tolerance * size
            return eigenvalue
        }
        largest = found.map(judged)
        smallest = judged(smallest)
    }

    /// Numbers that are smaller than this part of the largest magnitude are rounding errors.
    private static let rounding = 1e-12

    /// Whether all that is asked for has the residuals that the method expects: the rest times the last elements of the
    /// eigenvectors.
    private static func hasConverged(_ matrix: Tridiagonal, rest: Double, _ settings: Settings) -> Bool {
        let count = matrix.diagonal.count
        guard count > settings.eigenvalues else { return false }
        var last = [(0..<count).map { $0 == count - 1 ? 1.0 : 0 }]
        let values = matrix.eigenvalues(times: &last)
        let order = values.indices.sorted { values[$0] > values[$1] }
        let size = max(abs(values[order[0]]), abs(values[order[count - 1]]))
        return (order.prefix(settings.eigenvalues) + order.suffix(1)).allSatisfy {
            rest * abs(last[0][$0]) <= settings.tolerance / 2 * size
        }
    }

    /// A unit vector of normal numbers that is orthogonal to others.
    private static func start(_ count: Int, _ random: CounterRandom, orthogonalTo basis: [[Double]]) -> [Double] {
        var vector = (0..<count).map { random.normal(at: UInt64($0)) }
        orthogonalise(&vector, to: basis)
        return scaled(1 / norm(vector), vector)
    }

    /// Takes the parts along the vectors of the basis away, twice: once leaves what rounding brought in.
    private static func orthogonalise(_ vector: inout [Double], to basis: [[Double]]) {
        for _ in 0..<2 {
            for part in basis { add(-dot(part, vector), part, to: &vector) }
        }
    }
}
