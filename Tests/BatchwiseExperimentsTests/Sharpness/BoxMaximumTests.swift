import Batchwise
import Testing

@testable import BatchwiseExperiments

/// Maxima of random parabolas in a box against slow searches.
@Suite struct BoxMaximumTests {
    /// g'z + z'Hz / 2.
    private struct Parabola {
        var slope: [Double]
        var matrix: DenseMatrix

        func value(_ z: [Double]) -> Double { dot(slope, z) + dot(z, matrix.times(z)) / 2 }
        func at(_ z: [Double]) -> (value: Double, gradient: [Double]) {
            (value(z), zip(slope, matrix.times(z)).map { $0 + $1 })
        }
    }

    private static func parabola(_ seed: UInt64, _ count: Int, shift: Double) -> Parabola {
        var matrix = DenseMatrix.random(count, seed: seed)
        for i in 0..<count { matrix.rows[i][i] += shift }
        var numbers = NormalNumbers(seed + 100)
        return Parabola(slope: numbers.vector(count), matrix: matrix)
    }

    /// A concave parabola has one maximum, inside or on sides of the box: coordinate ascent finds it too.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func concaveParabolasHaveTheirOneMaximum(seed: UInt64) throws {
        let count = 12
        let parabola = Self.parabola(seed, count, shift: -12)
        let bounds = (0..<count).map { $0 % 2 == 0 ? 0.05 : 10 }
        var z = Array(repeating: 0.0, count: count)
        for _ in 0..<2000 {
            for i in 0..<count {
                let gradient = parabola.at(z).gradient[i]
                z[i] = max(-bounds[i], min(bounds[i], z[i] - gradient / parabola.matrix.rows[i][i]))
            }
        }
        let found = try #require(
            BoxMaximum(bounds: bounds, from: Array(repeating: 0, count: count), iterations: 60) { parabola.at($0) })
        #expect(abs(found.value / parabola.value(z) - 1) < 1e-5)
        #expect(zip(found.point, bounds).allSatisfy { abs($0) <= $1 })
        // some coordinates stop at a side, and some do not
        let stopped = zip(z, bounds).count { abs($0) == $1 }
        #expect(stopped > 0 && stopped < count)
    }

    /// Maxima of a convex function are in corners, and all corners are tried here.
    @Test(arguments: [UInt64(1), 2, 3])
    func convexParabolasRiseToACorner(seed: UInt64) throws {
        let count = 6
        let parabola = Self.parabola(seed, count, shift: 8)
        var best = -Double.infinity
        for corner in 0..<(1 << count) {
            best = max(best, parabola.value((0..<count).map { corner >> $0 & 1 == 0 ? -0.1 : 0.1 }))
        }
        let found = try #require(
            BoxMaximum(
                bounds: Array(repeating: 0.1, count: count), from: Array(repeating: 0, count: count), iterations: 10
            ) { parabola.at($0) })
        // every way into the box leads down, as in other corners too
        #expect(found.value <= best * (1 + 1e-12) && found.value > 0.9 * best)
        for (place, gradient) in zip(found.point, parabola.at(found.point).gradient) {
            #expect(abs(place) == 0.1 && place * gradient > 0)
        }
    }

    @Test func valuesThatAreNotFiniteAreNoMaximum() throws {
        let found = try #require(
            BoxMaximum(bounds: [1], from: [0], iterations: 10) { z in z[0] > 0.5 ? nil : (z[0], [1]) })
        #expect(found.value <= 0.5 && found.value > 0.1)
        let nothing = BoxMaximum(bounds: [1], from: [0], iterations: 10) { _ in nil }
        #expect(nothing?.value == nil)
    }

    /// A flat place has no way up.
    @Test func aMaximumStaysWhereItIs() throws {
        let found = try #require(
            BoxMaximum(bounds: [1, 1], from: [0, 0], iterations: 10) { z in (-dot(z, z), scaled(-2, z)) })
        #expect(found.value == 0 && found.evaluations == 1)
    }
}
