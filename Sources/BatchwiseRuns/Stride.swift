import Foundations

/// The number of updates between two looks at the clock: as many as take about a fiftieth of a second, or another time.
struct Stride {
    private(set) var length = 1
    private let seconds: Double
    private var lastLook = now()
    private var lastDraw = now()

    init(seconds: Double = 0.02) { self.seconds = seconds }

    /// Whether it is time to show something.
    mutating func isTime() -> Bool {
        let time = now()
        let elapsed = time - lastLook
        if elapsed < seconds / 2 {
            length = min(length * 2, 1 << 16)
        } else if elapsed > 2 * seconds {
            length = max(length / 2, 1)
        }
        lastLook = time
        guard time - lastDraw > 0.01 else { return false }
        lastDraw = time
        return true
    }
}
