import Batchwise
import Foundation

/// A cycle of the calendar, in which a date has a place.
public enum DateCycle: String, Codable, CaseIterable, Sendable {
    /// The day of the year.
    case year
    /// The weekday.
    case week
    /// The time of day in UTC.
    case day

    /// The length of the cycle in seconds; of years, the mean of the Gregorian calendar.
    public var seconds: Double {
        switch self {
        case .year: 365.2425 * 86_400
        case .week: 7 * 86_400
        case .day: 86_400
        }
    }

    /// The place of a date in the cycle, from 0 to 1: of seconds since the beginning of 1970.
    public func phase(_ date: Double) -> Double {
        let day = (date / 86_400).rounded(.down)
        // 1970 began on a Thursday; 2000 began after 10,957 days
        let place =
            switch self {
            case .year: (day - 10_957) * 86_400
            case .week: (day + 3) * 86_400
            case .day: date - day * 86_400
            }
        return (place - (place / seconds).rounded(.down) * seconds) / seconds
    }
}
