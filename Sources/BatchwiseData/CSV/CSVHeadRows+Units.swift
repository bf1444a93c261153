import Batchwise

// A row of units below the names of the columns.

extension CSVHeadRows {
    /// Whether every text of the row is a unit.
    func isUnits(_ place: Int) throws(DataError) -> Bool {
        let row = first[place]
        guard !row.hasValues, row.cells.count == width, row.cells.contains(.text) else { return false }
        let texts = try names(place)
        return texts.indices.allSatisfy { row.cells[$0] != .text || Self.isUnit(texts[$0]) }
    }

    /// Whether a text is a unit, or what stands in such a row where there is none.
    private static func isUnit(_ text: String) -> Bool {
        var text = text
        for (opening, closing) in [("[", "]"), ("(", ")")] where text.hasPrefix(opening) && text.hasSuffix(closing) {
            return text.count <= 20
        }
        if text.hasPrefix("in ") { text.removeFirst(3) }
        // a product, quotient or power of units
        let parts = text.split { "/*·. ".contains($0) }.map { part in
            part.filter { !"0123456789^-+²³⁻¹".contains($0) }
        }
        return !parts.isEmpty
            && parts.allSatisfy { units.contains($0) || units.contains($0.lowercased()) || $0.isEmpty }
    }

    private static let units: Set<String> = [
        "%", "‰", "°", "°C", "°F", "K", "C", "F", "m", "cm", "mm", "µm", "um", "nm", "km", "in", "ft", "yd", "mi",
        "inch",
        "kg", "g", "mg", "µg", "ug", "t", "lb", "lbs", "oz", "s", "sec", "ms", "µs", "us", "ns", "min", "h", "hr",
        "hrs",
        "hours", "hour", "d", "day", "days", "week", "weeks", "month", "months", "year", "years", "yr", "yrs", "a",
        "Hz",
        "kHz", "MHz", "GHz", "W", "kW", "MW", "Wh", "kWh", "MWh", "V", "mV", "kV", "A", "mA", "Ω", "ohm", "J", "kJ",
        "MJ",
        "kcal", "cal", "N", "Pa", "hPa", "kPa", "bar", "mbar", "psi", "l", "L", "ml", "dl", "gal", "mol", "mmol", "ppm",
        "ppb", "dB", "EUR", "USD", "GBP", "CHF", "JPY", "€", "$", "£", "ha", "acre", "sqft", "sqm", "mph", "kmh", "kph",
        "rpm", "bpm", "deg", "rad", "pieces", "pcs", "count", "persons", "people", "unit", "units", "text", "string",
        "-", "–", "date", "utc", "px", "b", "kb", "mb", "gb", "lx", "lm", "cd", "hp", "ps", "cc",
    ]
}
