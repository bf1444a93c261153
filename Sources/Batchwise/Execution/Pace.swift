/// How many worker threads take part in the next updates, by what updates were measured to take.
///
/// Workers meet several times an update. Where another program has the core of one, the others wait for it, a time slice
/// of the system at each meeting: two workers may then be slower than one. So the number follows the rate of examples:
///
/// - while waiting at meetings takes less than a tenth of the time, nothing changes;
/// - where it takes more, half as many workers are tried for a twentieth of a second, and the faster number is kept;
/// - more workers are tried again after a tenth of a second, and at longer intervals, at most 0.8 s, where that failed;
///   but not before eight updates, where updates are long.
///
/// The first update does not count: it takes memory that has not been touched, and threads that have just begun.
///
/// The recipe decides the result whatever the number is. It is a value without a clock: the caller says what time it is.
struct Pace {
    /// Numbers of workers, from the most to 1.
    let levels: [Int]
    /// Which of them is in use.
    private(set) var level: Int

    /// Workers of the next update.
    var active: Int { levels[level] }

    /// Examples a second at each level, when last measured, and when that was.
    private var rates: [(rate: Double, at: Double)?]
    /// The last updates at this level: how many examples, seconds, and seconds of waiting. Older ones count for less.
    private var examples = 0.0
    private var seconds = 0.0
    private var waited = 0.0
    /// When more workers are tried again, and how long after a failure.
    private var retry = Double.infinity
    private var patience = Self.shortestPatience
    /// Whether the level is on trial after one of fewer workers, and when that began.
    private var isTrial = false
    private var isFirst = true
    /// The time that the last update took.
    private var length = 0.0
    private var risen = -Double.infinity

    /// Seconds of updates that are judged together: long enough to see the system take a core away and give it back.
    private static let window = 0.05
    /// Seconds of waiting that are judged at once, where they are most of the time: more updates would bring more of them.
    private static let urgent = 0.005
    /// Seconds after which a trial ends that is at less than this part of the rate of fewer workers.
    private static let glance = 0.0125
    private static let hopeless = 0.75
    /// Updates before more workers are tried.
    private static let updates = 8.0
    private static let shortestPatience = 0.1
    private static let longestPatience = 0.8
    /// More workers that fall behind sooner than this have failed.
    private static let lasting = 0.3
    /// The part of the time that may go into waiting before fewer workers are tried.
    private static let tolerated = 0.1
    /// Workers that wait must be faster than fewer by this factor.
    private static let margin = 1.05
    /// How long a rate is believed, in seconds.
    private static let memory = 5.0

    /// Up to `workers` threads, of which no more than `cores` begin.
    init(workers: Int, cores: Int) {
        var levels = [max(workers, 1)]
        while let last = levels.last, last > 1 { levels.append(last / 2) }
        if cores > 1, cores < workers, !levels.contains(cores) { levels = (levels + [cores]).sorted(by: >) }
        self.levels = levels
        level = levels.firstIndex { $0 <= max(cores, 1) } ?? levels.count - 1
        rates = Array(repeating: nil, count: levels.count)
        if level > 0 { retry = 0 }
    }

    /// Takes note of an update, and decides how many workers make the next one.
    ///
    /// - Parameters:
    ///   - examples: of the update.
    ///   - seconds: that it took.
    ///   - waited: seconds of those that the calling thread has waited for other workers.
    ///   - now: seconds of a clock that is never set.
    mutating func note(examples: Int, seconds: Double, waited: Double, now: Double) {
        guard !isFirst else {
            isFirst = false
            return
        }
        length = seconds
        self.examples += Double(examples)
        self.seconds += seconds
        self.waited += waited
        let rate = self.examples / self.seconds
        guard self.seconds >= Self.window || isHopeless(rate, now) else { return }
        let isWaiting = self.waited > Self.tolerated * self.seconds
        let fewer = level + 1 < levels.count ? recent(level + 1, now) : nil
        rates[level] = (rate, now)
        if isWaiting, level + 1 < levels.count, fewer.map({ rate < Self.margin * $0 }) ?? true {
            fall(now)
            if fewer == nil { retry = now + Self.window }
        } else if isTrial, let fewer, rate < fewer {
            fall(now)
        } else if level > 0, now >= retry {
            level -= 1
            (isTrial, risen, retry) = (true, now, .infinity)
            begin()
        } else {
            // a level that has passed its trial may be followed by one of more workers
            if isTrial, level > 0 { retry = now + patience }
            isTrial = false
            if self.seconds >= 2 * Self.window {
                (self.examples, self.seconds, self.waited) = (self.examples / 2, self.seconds / 2, self.waited / 2)
            }
        }
    }

    /// Whether there is no need to wait for the end of the window.
    private func isHopeless(_ rate: Double, _ now: Double) -> Bool {
        if waited >= Self.urgent, waited > seconds / 2 { return true }
        guard isTrial, seconds >= Self.glance, let fewer = recent(level + 1, now) else { return false }
        return rate < Self.hopeless * fewer
    }

    private mutating func begin() { (examples, seconds, waited) = (0, 0, 0) }

    private func recent(_ level: Int, _ now: Double) -> Double? {
        rates[level].flatMap { now - $0.at < Self.memory ? $0.rate : nil }
    }

    private mutating func fall(_ now: Double) {
        patience = now - risen < Self.lasting ? min(3 * patience, Self.longestPatience) : Self.shortestPatience
        level += 1
        (isTrial, retry) = (false, now + max(patience, Self.updates * length))
        begin()
    }
}
