/// Says at which update a loss that is followed update by update has diverged.
///
/// The loss is smoothed by an exponential mean that begins with the mean of the first updates. A loss counts as at most
/// four times the smoothed one, so that a single bad batch moves the mean by less than a third; it takes six in a row to
/// end the test. The loss has diverged where the smoothed one is
/// - above four times its lowest value, which counts as at least a tenth of the first updates' mean, or, once it had
///   fallen by a third, above the middle between the two: a net whose units have died comes no higher, and
/// - above its lowest value by more than four of its own standard errors, as the first updates show them.
package struct DivergenceWatch: Sendable {
    /// The number of updates over which losses are averaged.
    private let window: Double
    /// The number of updates, whose rates are low, that show the first loss and its noise.
    private let opening: Int

    private var count = 0
    private var last = 0.0
    private var sum = 0.0
    private var squaredSteps = 0.0
    /// The mean loss of the first updates.
    private var first = 0.0
    /// The standard error of the smoothed loss.
    private var error = 0.0
    /// The smoothed loss; nil during the first updates.
    package private(set) var smoothed: Double?
    private var best = 0.0

    /// A watch that averages over so many updates, and takes twice as many for the first ones.
    package init(window: Int) {
        self.window = Double(max(window, 1))
        opening = 2 * max(window, 1)
    }

    /// Adds the loss of an update; returns whether the loss has diverged.
    package mutating func add(_ loss: Double) -> Bool {
        count += 1
        guard let before = smoothed else {
            open(loss)
            return false
        }
        let share = 1 / window
        let counted = min(loss, 4 * max(before, first / 10))
        let now = before + share * (counted - before)
        smoothed = now
        best = min(best, now)
        return now > limit
    }

    private mutating func open(_ loss: Double) {
        sum += loss
        if count > 1 { squaredSteps += (loss - last) * (loss - last) }
        last = loss
        guard count == opening else { return }
        first = sum / Double(count)
        // differences of neighbours leave the trend out
        let variance = squaredSteps / Double(2 * (count - 1))
        error = (variance / (2 * window - 1)).squareRoot()
        (smoothed, best) = (first, first)
    }

    /// The smoothed loss above which there is divergence.
    private var limit: Double {
        let multiple = 4 * max(best, first / 10)
        let hasLearnt = best < first * 2 / 3
        return max(hasLearnt ? min(multiple, (first + best) / 2) : multiple, best + 4 * error)
    }

    /// The loss above which another run from the same state has diverged: four times that of the first updates.
    package var limitOfRuns: Double { 4 * first + 4 * error }
}
