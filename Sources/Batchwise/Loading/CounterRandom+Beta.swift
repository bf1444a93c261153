import Foundation

extension CounterRandom {
    /// A number from Beta(`alpha`, `alpha`): X / (X + Y) of two numbers from Gamma(`alpha`).
    func beta(_ alpha: Double) -> Double {
        let (x, y) = (keyed(by: 0).gamma(alpha), keyed(by: 1).gamma(alpha))
        // a small alpha gives almost only 0 and 1, and both numbers may be too small for a Double
        return x + y > 0 ? x / (x + y) : keyed(by: 2).uniform(at: 0).rounded()
    }

    /// A number from Gamma(`shape`) of scale 1, by rejection (Marsaglia and Tsang, "A simple method for generating
    /// gamma variables", 2000).
    private func gamma(_ shape: Double) -> Double {
        // below 1, one of a shape larger by 1 is made smaller
        let factor = shape < 1 ? pow(1 - keyed(by: 0).uniform(at: 0), 1 / shape) : 1
        let d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        let (normals, uniforms) = (keyed(by: 1), keyed(by: 2))
        // one in twenty is rejected, so that the limit is never reached
        for attempt in 0..<UInt64(1000) {
            let normal = normals.normal(at: attempt)
            let v = pow(1 + c * normal, 3)
            guard v > 0 else { continue }
            let u = 1 - uniforms.uniform(at: attempt)
            if log(u) < normal * normal / 2 + d - d * v + d * log(v) { return factor * d * v }
        }
        return factor * d
    }
}
