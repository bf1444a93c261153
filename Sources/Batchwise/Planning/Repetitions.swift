import Foundation

/// Pieces of work that are measured in turn, over and over: a few repetitions, and again where the machine was busy.
struct Repetitions {
    /// The median seconds of each piece, for each repetition.
    private(set) var seconds: [[Double]] = []
    /// How often the pieces have run in these repetitions.
    private(set) var runs = 0
    /// Whether the machine was busy at every attempt: then all of them count.
    private(set) var isRough = false

    /// Repetitions of an attempt, attempts, and how far apart the times of a quiet machine may be.
    private static let count = 5
    private static let attempts = 3
    private static let bound = 0.2

    /// A time of every repetition: the median, the shortest and the longest.
    struct Spread: Equatable {
        var median, low, high: Double
    }

    /// The places of a clock and of the system's counts at one moment.
    struct Instruments {
        var clock: () -> Double = instant
        var counters: () -> SystemCounters = SystemCounters.now
    }

    /// Runs the pieces for about so long; four times as long at most, where the machine is busy or a piece is short.
    ///
    /// - Parameter total: the time whose spread tells whether the machine was busy, from the times of the pieces.
    init(
        seconds limit: Double, _ pieces: [() -> Void], by instruments: Instruments = Instruments(),
        total: ([Double]) -> Double
    ) {
        let begun = instruments.clock()
        var all: [[Double]] = []
        var allRuns = 0
        for _ in 0..<Self.attempts {
            let (start, counters) = (instruments.clock(), instruments.counters())
            attempt(limit, pieces, instruments.clock)
            let now = instruments.clock()
            all += seconds
            allRuns += runs
            let spread = spread(total)
            isRough =
                spread.high - spread.low > Self.bound * spread.median
                || instruments.counters().isDisturbed(since: counters, seconds: now - start)
            guard isRough, now - begun + (now - start) <= 4 * limit else { break }
        }
        if isRough { (seconds, runs) = (all, allRuns) }
    }

    private mutating func attempt(_ limit: Double, _ pieces: [() -> Void], _ clock: () -> Double) {
        (seconds, runs) = ([], 0)
        let start = clock()
        while seconds.count < Self.count {
            let passed = clock() - start
            // where a piece is long, three repetitions if they are not too long
            guard seconds.isEmpty || passed < limit || seconds.count < 3 && passed < 2 * limit else { break }
            seconds.append(repetition(limit / Double(Self.count), pieces, clock))
        }
    }

    private mutating func repetition(_ limit: Double, _ pieces: [() -> Void], _ clock: () -> Double) -> [Double] {
        var times = pieces.map { _ in [Double]() }
        let start = clock()
        repeat {
            for (index, piece) in pieces.enumerated() {
                let before = clock()
                piece()
                times[index].append(clock() - before)
            }
            runs += 1
        } while clock() - start < limit && times[0].count < 2000
        return times.map { median($0) }
    }

    /// A time of each repetition, from those of its pieces.
    func spread(_ time: ([Double]) -> Double) -> Spread {
        let times = seconds.map(time)
        return Spread(median: median(times), low: times.min() ?? 0, high: times.max() ?? 0)
    }
}

private func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

/// Seconds of a clock that is never set.
func instant() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
