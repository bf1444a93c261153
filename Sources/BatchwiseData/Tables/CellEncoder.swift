import Batchwise
import Foundation

/// Encodes the cells of a column of one table as features: texts are places among the levels of that table.
struct CellEncoder: Sendable {
    private enum Rule {
        case number(mean: Double, deviation: Double, fill: Double, indicator: Bool, isLogarithmic: Bool)
        case date(mean: Double, deviation: Double, fill: Double, cycles: [DateCycle], indicator: Bool)
        /// The feature that is 1 for each level, or -1; and the features of a missing text.
        case feature(ofLevel: [Int], missing: Int, indicator: Int)
        case value(ofLevel: [Float], missing: Float, indicator: Bool)
    }

    /// The number of features.
    let width: Int
    private let rule: Rule
    /// For each level, whether training did not have it.
    private let isUnknown: [Bool]

    init(_ encoder: ColumnEncoder, of column: TableColumn) {
        let levels = column.levels ?? []
        var isUnknown = [Bool](repeating: false, count: levels.count)
        width = encoder.width
        switch encoder.encoding {
        case .numeric(let mean, let deviation, let fill, let indicator):
            rule = .number(
                mean: mean, deviation: deviation, fill: fill, indicator: indicator, isLogarithmic: false)
        case .logarithmic(let mean, let deviation, let fill, let indicator):
            rule = .number(mean: mean, deviation: deviation, fill: fill, indicator: indicator, isLogarithmic: true)
        case .date(let mean, let deviation, let fill, let cycles, let indicator):
            rule = .date(mean: mean, deviation: deviation, fill: fill, cycles: cycles, indicator: indicator)
        case .oneHot(let names, let fill, let indicator):
            let places = Self.places(of: levels, in: names)
            isUnknown = places.map { $0 == nil }
            rule = .feature(
                ofLevel: places.map { $0 ?? -1 }, missing: fill.flatMap { names.firstIndex(of: $0) } ?? -1,
                indicator: indicator ? names.count : -1)
        case .ordinal(let names, let mean, let deviation, let fill, let indicator):
            let places = Self.places(of: levels, in: names)
            isUnknown = places.map { $0 == nil }
            func scaled(_ value: Double) -> Float { Float((value - mean) / deviation) }
            rule = .value(
                ofLevel: places.map { scaled($0.map(Double.init) ?? mean) }, missing: scaled(fill), indicator: indicator
            )
        case .hashed(let count):
            rule = .feature(
                ofLevel: levels.map { TextHash.place(of: $0, among: count) }, missing: -1, indicator: -1)
        }
        self.isUnknown = isUnknown
    }

    /// Writes the features of a cell, which are 0 before.
    @inline(__always)
    func encode(_ cell: Double, _ features: UnsafeMutablePointer<Float>) {
        switch rule {
        case .number(let mean, let deviation, let fill, let indicator, let isLogarithmic):
            let value = cell.isNaN ? fill : isLogarithmic ? log1p(cell) : cell
            features[0] = Float((value - mean) / deviation)
            if indicator, cell.isNaN { features[1] = 1 }
        case .date(let mean, let deviation, let fill, let cycles, let indicator):
            features[0] = Float(((cell.isNaN ? fill : cell) - mean) / deviation)
            if cell.isNaN {
                if indicator { features[1 + 2 * cycles.count] = 1 }
                return
            }
            for (place, cycle) in cycles.enumerated() {
                let angle = 2 * Double.pi * cycle.phase(cell)
                features[1 + 2 * place] = Float(sin(angle))
                features[2 + 2 * place] = Float(cos(angle))
            }
        case .feature(let places, let missing, let indicator):
            let feature = cell < 0 ? missing : places[Int(cell)]
            if feature >= 0 { features[feature] = 1 }
            if indicator >= 0, cell < 0 { features[indicator] = 1 }
        case .value(let values, let missing, let indicator):
            features[0] = cell < 0 ? missing : values[Int(cell)]
            if indicator, cell < 0 { features[1] = 1 }
        }
    }

    /// Writes the features of a run of a column at every `stride` floats, which are 0 before. Returns how many rows
    /// have a text that training did not have.
    func encode(_ values: Table.Values, _ features: UnsafeMutablePointer<Float>, stride: Int) -> Int {
        switch values {
        case .numeric(let numbers):
            for (row, number) in numbers.enumerated() { encode(number, features + row * stride) }
            return 0
        case .categorical(let codes, _):
            for (row, code) in codes.enumerated() { encode(Double(code), features + row * stride) }
            return unknown(in: codes)
        case .skipped: return 0
        }
    }

    /// The number of these texts that training did not have.
    func unknown(in codes: [Int32]) -> Int {
        isUnknown.contains(true) ? codes.count { $0 >= 0 && isUnknown[Int($0)] } : 0
    }

    /// The place of each level of a table among the names that training had.
    private static func places(of levels: [String], in names: [String]) -> [Int?] {
        var places: [String: Int] = [:]
        for (place, name) in names.enumerated() { places[name] = place }
        return levels.map { places[$0] }
    }
}
