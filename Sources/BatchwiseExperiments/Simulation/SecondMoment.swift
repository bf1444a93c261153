import Foundation

/// E[theta^2] after any number of updates of SGD with momentum along one direction of a quadratic, in closed form.
///
/// An update moves (theta, v) by the matrix A = (1 - rate h, -rate m; h, m) and adds noise. From theta = 1 and v = 0,
///
///     E[theta_t^2] = p^2 + V (1 - p^2 - 2 rate h / (1 + m) w (p + w)),  p = U_(t+1) - m U_t,  w = m U_t
///
/// where p is theta without noise, V is the variance at which theta settles, and U_t = (r1^t - r2^t) / (r1 - r2) with the
/// eigenvalues r1 and r2 of A: A^t = U_t A - m U_(t-1), and the covariance of the noise is C - A^t C A^t', where C is the
/// one at which it settles.
struct SecondMoment {
    /// V.
    let floor: Double
    /// 2 rate h / (1 + m).
    private let coupling: Double
    private let momentum: Double
    private let powers: Powers

    /// U_t by the kind of the eigenvalues.
    private enum Powers {
        /// r1 and r2 = r1 exp(logRatio), of one sign.
        case real(isNegative: Bool, logLarger: Double, logRatio: Double, overGap: Double)
        /// sqrt(m) exp(+- i angle).
        case complex(logModulus: Double, angle: Double, sine: Double, cosine: Double, phase: Double)
    }

    init(_ ball: HeavyBall, noise: Double) {
        let m = ball.momentum
        floor = ball.variance(noise: noise)
        coupling = 2 * ball.rate * ball.curvature / (1 + m)
        momentum = m
        let trace = 1 + m - ball.rate * ball.curvature
        let discriminant = trace * trace - 4 * m
        if discriminant < 0 {
            let modulus = m.squareRoot()
            let angle = atan2((-discriminant).squareRoot(), trace)
            let (sine, cosine) = (sin(angle), cos(angle))
            powers = .complex(
                logModulus: log(modulus), angle: angle, sine: sine, cosine: cosine,
                phase: atan2(cosine - modulus, sine))
        } else {
            let larger = (abs(trace) + discriminant.squareRoot()) / 2
            let logRatio = m > 0 ? log(m / (larger * larger)) : -.infinity
            powers = .real(
                isNegative: trace < 0, logLarger: log(larger), logRatio: logRatio, overGap: 1 / expm1(logRatio))
        }
    }

    /// p and w after `t` updates, at least 1.
    private func path(_ t: Double) -> (p: Double, w: Double) {
        switch powers {
        case .real(let isNegative, let logLarger, let logRatio, let overGap):
            /// |U_(n+1)| = r^n (1 - ratio^(n+1)) / (1 - ratio), and r^n (n + 1) for equal eigenvalues
            func magnitude(_ n: Double) -> Double {
                let power = n == 0 ? 1 : exp(n * logLarger)
                if logRatio == -.infinity { return power }
                return power * (logRatio == 0 ? n + 1 : expm1((n + 1) * logRatio) * overGap)
            }
            // a sign that all of p and w share does not matter
            let sign: Double = isNegative ? -1 : 1
            guard momentum > 0 else { return (magnitude(t), 0) }
            let w = momentum * magnitude(t - 1)
            return (sign * magnitude(t) - w, w)
        case .complex(let logModulus, let angle, let sine, let cosine, _):
            let (s, c) = (sin(t * angle), cos(t * angle))
            let power = exp(t * logModulus)
            let next = power * (s * cosine / sine + c)
            let w = momentum * exp((t - 1) * logModulus) * s / sine
            return (next - w, w)
        }
    }

    /// E[theta^2] after `t` updates, at least 1.
    func value(after t: Double) -> Double {
        let (p, w) = path(t)
        return p * p + risen(p, w)
    }

    /// A number that E[theta^2] does not fall below from `first` to `last` updates, and its value where they are equal.
    ///
    /// The noise only rises. Between two zeros of p, log |p| is concave, so that p^2 is lowest at an end.
    func least(from first: Double, to last: Double) -> Double {
        let (p, w) = path(first)
        let end = first == last ? p : path(last).p
        let hasZero = zeros(before: first) != zeros(before: last)
        return (hasZero ? 0 : min(p * p, end * end)) + risen(p, w)
    }

    /// The part of E[theta^2] that the noise has brought.
    private func risen(_ p: Double, _ w: Double) -> Double {
        floor * max(1 - p * p - coupling * w * (p + w), 0)
    }

    /// The zeros of p before `t`, counted from anywhere.
    private func zeros(before t: Double) -> Double {
        guard case .complex(_, let angle, _, _, let phase) = powers else { return 0 }
        return ((t * angle - phase) / Double.pi + 0.5).rounded(.down)
    }

    /// The least that the noise brings from `t` updates on.
    func noise(after t: Double) -> Double {
        let (p, w) = path(t)
        return risen(p, w)
    }
}
