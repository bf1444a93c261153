// Arithmetic in Double on all parameters of a model as one vector.

/// The dot product of two vectors of one length, in four sums that go on side by side.
func dot(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            let whole = a.count / 4 * 4
            var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
            for place in stride(from: 0, to: whole, by: 4) {
                s0 += a[place] * b[place]
                s1 += a[place + 1] * b[place + 1]
                s2 += a[place + 2] * b[place + 2]
                s3 += a[place + 3] * b[place + 3]
            }
            for place in whole..<a.count { s0 += a[place] * b[place] }
            return (s0 + s1) + (s2 + s3)
        }
    }
}

/// The Euclidean norm.
func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

/// y <- y + factor x.
func add(_ factor: Double, _ x: [Double], to y: inout [Double]) {
    x.withUnsafeBufferPointer { x in
        y.withUnsafeMutableBufferPointer { y in
            for place in 0..<x.count { y[place] += factor * x[place] }
        }
    }
}

/// factor x.
func scaled(_ factor: Double, _ x: [Double]) -> [Double] { x.map { factor * $0 } }
