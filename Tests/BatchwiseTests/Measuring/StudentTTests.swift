import Batchwise
import Foundation
import Testing

/// Student's t against SciPy 1.17.1's `scipy.stats.t.ppf`, and against integrals of its density.
@Suite struct StudentTTests {
    private static let probabilities = [0.6, 0.9, 0.975, 0.995, 0.9999]
    private static let quantiles: [(degrees: Double, values: [Double])] = [
        (1, [0.32491969623290634, 3.0776835371752544, 12.706204736174694, 63.656741162871526, 3183.098757118502]),
        (2, [0.2886751345948128, 1.8856180831641272, 4.302652729749462, 9.924843200918287, 70.70007107496818]),
        (3, [0.2766706623326898, 1.637744353696209, 3.1824463052837078, 5.840909309733355, 22.203742273205]),
        (4.5, [0.2687518355421751, 1.5008853175085577, 2.6589123472044034, 4.272823993011293, 11.02099636861251]),
        (10, [0.2601848294920803, 1.372183641110336, 2.228138851986274, 3.16927267261695, 5.693820101457592]),
        (29, [0.25568363457125604, 1.311433647301551, 2.045229642132703, 2.756385903670605, 4.253894118432321]),
        (49, [0.2547270255991911, 1.29906878474775, 2.0095752371292392, 2.679951973631552, 4.020490058782638]),
        (1000, [0.25341451583949876, 1.2823987214609247, 1.9623390808264083, 2.580754698065951, 3.7328516045753966]),
        (
            100_000,
            [0.25334777715718015, 1.2815600314493614, 1.9599877075346095, 2.575878469908375, 3.7191543826413724]
        ),
    ]

    @Test(arguments: quantiles)
    func quantilesAreThoseOfSciPy(degrees: Double, values: [Double]) {
        let t = StudentT(degrees: degrees)
        for (probability, value) in zip(Self.probabilities, values) {
            #expect(abs(t.quantile(probability) - value) <= 1e-8 * value, "\(degrees), \(probability)")
            #expect(t.quantile(1 - probability) == -t.quantile(1 - (1 - probability)))
        }
    }

    /// Simpson's rule on (1 + t^2 / n)^(-(n + 1) / 2), divided by its own integral over all numbers.
    @Test(arguments: [3.0, 6, 15.5, 80])
    func probabilitiesAreIntegralsOfTheDensity(degrees: Double) {
        // t = u / (1 - u^2) takes all numbers to -1 < u < 1
        func integral(to end: Double) -> Double {
            func value(_ u: Double) -> Double {
                let rest = 1 - u * u
                guard rest > 1e-9 else { return 0 }
                let t = u / rest
                return pow(1 + t * t / degrees, -(degrees + 1) / 2) * (1 + u * u) / (rest * rest)
            }
            let steps = 20_000
            let width = (end + 1) / Double(steps)
            return (0...steps).reduce(0) { sum, step in
                let weight: Double = step == 0 || step == steps ? 1 : step % 2 == 1 ? 4 : 2
                return sum + weight * value(-1 + Double(step) * width)
            } * width / 3
        }
        let whole = integral(to: 1)
        let t = StudentT(degrees: degrees)
        for u in [-0.7, -0.2, 0, 0.4, 0.8] {
            #expect(abs(t.cumulative(u / (1 - u * u)) - integral(to: u) / whole) < 1e-7, "\(degrees), \(u)")
        }
    }
}
