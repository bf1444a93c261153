extension DataSource {
    /// The sign between the whole number and the decimal places.
    public enum DecimalSign: String, Codable, CaseIterable, Sendable {
        case point = "."
        case comma = ","
    }

    /// The order of day, month and year in dates that are written in digits.
    public enum DateOrder: String, Codable, CaseIterable, Sendable {
        case dayFirst = "day-first"
        case monthFirst = "month-first"
        case yearFirst = "year-first"
    }
}
