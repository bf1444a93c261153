/// The examples at the positions that a worker reads now, and at those that it reads next.
///
/// The order is worked out for many positions at once, which is faster than one by one, and ahead of time, so that the
/// rows of the next batch are on their way to the cache while this one is computed.
struct ExampleWindow {
    /// A run of positions of one epoch.
    private struct Run {
        var epoch = 0
        var isShuffle = true
        var positions = 0..<0
        let examples: UnsafeMutablePointer<UInt64>

        init(capacity: Int) {
            examples = .allocate(capacity: capacity)
            examples.initialize(repeating: 0, count: capacity)
        }

        func holds(_ wanted: Range<Int>, _ order: EpochOrder) -> Bool {
            epoch == order.epoch && isShuffle == order.isShuffle && positions.lowerBound <= wanted.lowerBound
                && wanted.upperBound <= positions.upperBound
        }

        func at(_ position: Int) -> UnsafePointer<UInt64> {
            UnsafePointer(examples) + (position - positions.lowerBound)
        }

        mutating func fill(_ wanted: Range<Int>, _ order: EpochOrder) {
            let end = min(max(wanted.upperBound, wanted.lowerBound + ExampleWindow.shortest), order.count)
            positions = wanted.lowerBound..<end
            (epoch, isShuffle) = (order.epoch, order.isShuffle)
            order.fill(examples, positions: positions)
        }
    }

    /// The number of positions that are worked out at a time, at least.
    static let shortest = 64
    private var now: Run
    private var next: Run

    /// Room for runs of up to `capacity` positions; `deallocate` frees it.
    init(capacity: Int) {
        now = Run(capacity: max(capacity, Self.shortest))
        next = Run(capacity: max(capacity, Self.shortest))
    }

    func deallocate() {
        now.examples.deallocate()
        next.examples.deallocate()
    }

    /// The examples at `positions`, to be read before the next call.
    mutating func examples(at positions: Range<Int>, of order: EpochOrder) -> UnsafePointer<UInt64> {
        if !now.holds(positions, order) {
            swap(&now, &next)
            if !now.holds(positions, order) { now.fill(positions, order) }
        }
        return now.at(positions.lowerBound)
    }

    /// The examples at `positions`, which will be read soon; those that are read now stay.
    mutating func upcoming(at positions: Range<Int>, of order: EpochOrder) -> UnsafePointer<UInt64> {
        if now.holds(positions, order) { return now.at(positions.lowerBound) }
        if !next.holds(positions, order) { next.fill(positions, order) }
        return next.at(positions.lowerBound)
    }
}
