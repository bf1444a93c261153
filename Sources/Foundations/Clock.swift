import Foundation

/// The seconds of a clock that is never set.
package func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The time now in UTC: 2026-01-31T12:00:00Z (RFC 3339), or 20260131T120000Z.
package func timestamp(compact: Bool = false) -> String { timestamp(at: time(nil), compact: compact) }

/// The time in UTC `seconds` after the beginning of 1970, in the forms of `timestamp(compact:)`.
package func timestamp(at seconds: Int, compact: Bool = false) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = ["\(parts.tm_year + 1900)", two(parts.tm_mon + 1), two(parts.tm_mday)]
    let clock = [two(parts.tm_hour), two(parts.tm_min), two(parts.tm_sec)]
    return date.joined(separator: compact ? "" : "-") + "T" + clock.joined(separator: compact ? "" : ":") + "Z"
}
