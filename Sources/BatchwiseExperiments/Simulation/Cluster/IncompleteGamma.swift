import Foundation

/// ln P(a, x) and ln Q(a, x), the regularised lower and upper incomplete gamma functions: the probabilities that a sum
/// of a exponential draws of mean 1 is below and above x. By the series where x < a + 1, else by Lentz's continued
/// fraction [Press et al., Numerical Recipes, 6.2].
func logIncompleteGamma(_ a: Double, _ x: Double) -> (below: Double, above: Double) {
    guard x > 0 else { return (-.infinity, 0) }
    let front = a * log(x) - x - lgamma(a)
    if x < a + 1 {
        var (term, sum, n) = (1 / a, 1 / a, a)
        while abs(term) > abs(sum) * 1e-17 {
            n += 1
            term *= x / n
            sum += term
        }
        let below = front + log(sum)
        return (below, log1p(-min(exp(below), 1)))
    }
    var b = x + 1 - a
    var c = 1e300
    var d = 1 / b
    var fraction = d
    for i in 1...100_000 {
        let number = Double(i)
        let an = number * (a - number)
        b += 2
        d = an * d + b
        d = 1 / (abs(d) < 1e-300 ? 1e-300 : d)
        c = b + an / c
        if abs(c) < 1e-300 { c = 1e-300 }
        fraction *= d * c
        if abs(d * c - 1) < 1e-16 { break }
    }
    let above = front + log(fraction)
    return (log1p(-min(exp(above), 1)), above)
}
