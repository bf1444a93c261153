import Batchwise
import Testing

@testable import BatchwiseExperiments

/// Eigenvalues of random matrices against Jacobi's rotations.
@Suite struct LanczosTests {
    private func ends(_ matrix: DenseMatrix, _ settings: Lanczos.Settings, seed: UInt64 = 1) throws -> Lanczos {
        try Lanczos(
            count: matrix.count, settings, random: CounterRandom(seed: seed, purpose: .direction),
            product: matrix.times)
    }

    @Test(arguments: [1, 2, 3, 7, 30])
    func tridiagonalMatricesHaveTheirEigenvalues(count: Int) {
        var numbers = NormalNumbers(UInt64(count))
        let tridiagonal = Tridiagonal(diagonal: numbers.vector(count), beside: numbers.vector(count - 1))
        var dense = DenseMatrix(rows: Array(repeating: Array(repeating: 0, count: count), count: count))
        for i in 0..<count {
            dense.rows[i][i] = tridiagonal.diagonal[i]
            guard i + 1 < count else { continue }
            (dense.rows[i][i + 1], dense.rows[i + 1][i]) = (tridiagonal.beside[i], tridiagonal.beside[i])
        }
        var vectors = (0..<count).map { row in (0..<count).map { $0 == row ? 1.0 : 0 } }
        let values = tridiagonal.eigenvalues(times: &vectors)
        for (found, expected) in zip(values.sorted(by: >), dense.eigenvalues) { #expect(abs(found - expected) < 1e-10) }
        for column in 0..<count {
            let vector = vectors.map { $0[column] }
            let product = dense.times(vector)
            for (a, b) in zip(product, vector) { #expect(abs(a - values[column] * b) < 1e-10) }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func bothEndsOfARandomSpectrumAreFound(seed: UInt64) throws {
        let matrix = DenseMatrix.random(60, seed: seed)
        let expected = matrix.eigenvalues
        let found = try ends(matrix, .init(eigenvalues: 3, steps: 60, tolerance: 1e-8), seed: seed)
        for (eigenvalue, value) in zip(found.largest, expected) {
            #expect(abs(eigenvalue.value - value) < 1e-6 && eigenvalue.isConverged)
        }
        #expect(abs(found.smallest.value - expected[59]) < 1e-6 && found.smallest.isConverged)
        #expect(found.products <= 60 + 4)
    }

    /// The magnitude of the negative end is the larger one: power iteration would report it.
    @Test func theLargestEigenvalueIsNotTheLargestMagnitude() throws {
        var matrix = DenseMatrix.random(30, seed: 5)
        for i in 0..<30 { matrix.rows[i][i] -= 20 }
        let expected = matrix.eigenvalues
        #expect(expected[0] < 0)
        let found = try ends(matrix, .init(eigenvalues: 1, steps: 30))
        #expect(abs(found.largest[0].value - expected[0]) < 1e-3 * abs(expected[29]))
        #expect(abs(found.smallest.value - expected[29]) < 1e-3 * abs(expected[29]))
    }

    /// Few steps leave a residual, which bounds the error, and say so.
    @Test(arguments: [2, 4, 8])
    func fewStepsAreNotConverged(steps: Int) throws {
        let matrix = DenseMatrix.random(80, seed: 4)
        let expected = matrix.eigenvalues
        let found = try ends(matrix, .init(eigenvalues: 1, steps: steps))
        #expect(!found.largest[0].isConverged && found.largest[0].residual > 0)
        let error = expected.map { abs($0 - found.largest[0].value) }.min() ?? .infinity
        #expect(error <= found.largest[0].residual * (1 + 1e-9))
        #expect(found.products == steps + 2)
    }

    @Test func smallSpacesAreUsedUp() throws {
        // all steps beyond the rank of a matrix begin anew
        let u = NormalNumbersVector(count: 20, seed: 9).values
        let rankOne = DenseMatrix(rows: u.map { a in u.map { a * $0 } })
        let square = u.reduce(0) { $0 + $1 * $1 }
        let found = try ends(rankOne, .init(eigenvalues: 3, steps: 20))
        #expect(abs(found.largest[0].value - square) < 1e-9 * square)
        #expect(abs(found.largest[1].value) < 1e-6 * square && found.largest.allSatisfy(\.isConverged))
        let zero = DenseMatrix(rows: Array(repeating: Array(repeating: 0, count: 6), count: 6))
        let nothing = try ends(zero, .init(eigenvalues: 2, steps: 6))
        #expect(nothing.largest.map(\.value) == [0, 0] && nothing.smallest.value == 0)
        #expect(nothing.largest.allSatisfy { $0.isConverged && $0.residual == 0 })
        let one = try ends(DenseMatrix(rows: [[-3]]), .init(eigenvalues: 5, steps: 10))
        #expect(one.largest.map(\.value) == [-3] && one.smallest.value == -3)
    }

    private struct NormalNumbersVector {
        let values: [Double]
        init(count: Int, seed: UInt64) {
            var numbers = NormalNumbers(seed)
            values = numbers.vector(count)
        }
    }

    // MARK: Trace

    @Test func theIntervalOfTheTraceCoversIt() throws {
        var covered = 0
        let repeats = 200
        for seed in 1...UInt64(repeats) {
            let matrix = DenseMatrix.random(12, seed: seed)
            let estimate = try TraceEstimate(
                count: 12, vectors: 8, random: CounterRandom(seed: seed, purpose: .direction), product: matrix.times)
            covered += (estimate.low...estimate.high).contains(matrix.trace) ? 1 : 0
        }
        #expect((180...199).contains(covered), "\(covered) of \(repeats)")
    }

    /// Signs leave only what is beside the diagonal to chance.
    @Test func aDiagonalMatrixHasItsTraceAtOnce() throws {
        let diagonal = DenseMatrix(rows: [[1, 0, 0], [0, -2, 0], [0, 0, 4.5]])
        let estimate = try TraceEstimate(
            count: 3, vectors: 2, random: CounterRandom(seed: 1, purpose: .direction), product: diagonal.times)
        #expect(estimate.value == 3.5 && estimate.low == 3.5 && estimate.high == 3.5)
    }
}
