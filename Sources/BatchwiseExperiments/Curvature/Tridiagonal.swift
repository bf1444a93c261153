/// A symmetric tridiagonal matrix, and its eigenvalues by the QR algorithm with implicit shifts [Golub and Van Loan,
/// Matrix Computations, 8.3].
struct Tridiagonal {
    /// The diagonal.
    var diagonal: [Double]
    /// The numbers beside the diagonal, one fewer.
    var beside: [Double]

    /// The eigenvalues, unordered; with the identity for `rows`, its columns become the eigenvectors. Any other rows are
    /// multiplied by these: the last row of the identity gives the last element of each eigenvector.
    func eigenvalues(times rows: inout [[Double]]) -> [Double] {
        var (d, e) = (diagonal, beside)
        let size = zip(d, e + [0]).reduce(0) { max($0, abs($1.0) + abs($1.1)) }
        let negligible = size * Double.ulpOfOne
        var high = d.count - 1
        // three steps an eigenvalue are usual
        var left = 60 * d.count
        while high > 0, left > 0 {
            guard abs(e[high - 1]) > negligible else {
                high -= 1
                continue
            }
            left -= 1
            var low = high - 1
            while low > 0, abs(e[low - 1]) > negligible { low -= 1 }
            Self.step(&d, &e, low, high, &rows)
        }
        return d
    }

    /// One step on the unreduced part from `low` to `high`, with the shift of Wilkinson.
    private static func step(
        _ d: inout [Double], _ e: inout [Double], _ low: Int, _ high: Int, _ rows: inout [[Double]]
    ) {
        let half = (d[high - 1] - d[high]) / 2
        let last = e[high - 1]
        let root = (half * half + last * last).squareRoot()
        let shift = d[high] - last * last / (half + (half < 0 ? -root : root))
        // the rotation that takes the bulge z beside x away
        var (x, z) = (d[low] - shift, e[low])
        for k in low..<high {
            let length = (x * x + z * z).squareRoot()
            let (c, s) = length > 0 ? (x / length, z / length) : (1, 0)
            if k > low { e[k - 1] = length }
            let (a, b, next) = (d[k], e[k], d[k + 1])
            d[k] = c * c * a + 2 * c * s * b + s * s * next
            d[k + 1] = s * s * a - 2 * c * s * b + c * c * next
            e[k] = c * s * (next - a) + (c * c - s * s) * b
            if k + 1 < high {
                (x, z) = (e[k], s * e[k + 1])
                e[k + 1] *= c
            }
            for row in rows.indices {
                let (p, q) = (rows[row][k], rows[row][k + 1])
                rows[row][k] = c * p + s * q
                rows[row][k + 1] = c * q - s * p
            }
        }
    }
}
