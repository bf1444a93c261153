import Foundation

extension Machine {
    /// The number of cores that this process may use: those that the system lets it run on, and no more than the quota
    /// of its container, rounded up.
    package static let availableCores: Int = {
        let allowed = max(1, ProcessInfo.processInfo.activeProcessorCount)
        guard let quota = containerQuota() else { return allowed }
        return max(1, min(allowed, Int(quota.rounded(.up))))
    }()

    /// The time that the control group grants, in cores; nil where there is no limit.
    private static func containerQuota() -> Double? {
        func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
        // version 2: "max 100000" or "150000 100000"
        if let line = text("/sys/fs/cgroup/cpu.max") { return quota(line.split(whereSeparator: \.isWhitespace)) }
        let folder = "/sys/fs/cgroup/cpu/"
        guard let time = text(folder + "cpu.cfs_quota_us"), let period = text(folder + "cpu.cfs_period_us") else {
            return nil
        }
        return quota([time, period].flatMap { $0.split(whereSeparator: \.isWhitespace) })
    }

    static func quota(_ words: [Substring]) -> Double? {
        guard words.count == 2, let time = Double(words[0]), let period = Double(words[1]), time > 0, period > 0 else {
            return nil
        }
        return time / period
    }
}
