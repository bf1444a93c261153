import Foundations

/// The number of updates between two looks at the clock: as many as take about a fiftieth of a second.
struct Stride {
    private(set) var length = 1
    private var lastLook = now()
    private var lastDraw = now()

    /// Whether it is time to show something.
    mutating func isTime() -> Bool {
        let time = now()
        let elapsed = time - lastLook
        if elapsed < 0.01 { length = min(length * 2, 1 << 16) } else if elapsed > 0.04 { length = max(length / 2, 1) }
        lastLook = time
        guard time - lastDraw > 0.01 else { return false }
        lastDraw = time
        return true
    }
}
