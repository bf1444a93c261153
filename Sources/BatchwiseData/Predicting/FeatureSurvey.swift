import Foundation
import Foundations

/// Counts of missing values in new rows, and of numbers far beyond those that training had.
struct FeatureSurvey {
    /// The part of the range of training by which a number may lie outside of it before it counts as far beyond.
    private static let leeway = 0.25
    private static let mostNotices = 5

    fileprivate struct Column {
        let encoder: ColumnEncoder
        let isDate: Bool
        /// The numbers that are not far beyond those of training; nil where these are not known.
        let near: ClosedRange<Double>?
        var missing = 0
        var firstMissing = ""
        var beyond = 0
        var firstBeyond: (place: String, value: Double)?
    }

    private var columns: [Column] = []
    private var rows = 0

    /// Counts the rows of a run; `places[i]` is where the table has the column of encoder i.
    mutating func add(_ run: Table, _ table: TableEncoder, places: [Int]) {
        if columns.isEmpty {
            columns = table.columns.map {
                Column(encoder: $0, isDate: table.dates.contains($0.number), near: Self.near($0))
            }
        }
        rows += run.rowCount
        for (index, place) in places.enumerated() {
            switch run.columns[place].values {
            case .numeric(let numbers): columns[index].add(numbers, of: run)
            case .categorical(let codes, _): columns[index].add(codes, of: run)
            case .skipped: break
            }
        }
    }

    private static func near(_ encoder: ColumnEncoder) -> ClosedRange<Double>? {
        guard let smallest = encoder.smallest, let largest = encoder.largest, smallest <= largest else { return nil }
        let room = leeway * (largest - smallest)
        let (low, high) = (smallest - room, largest + room)
        // a model that was written by hand may have any numbers
        return low <= high ? low...high : nil
    }

    // MARK: Notices

    var notices: [String] {
        limited(
            columns.filter { $0.beyond > 0 }.map { $0.beyondNotice(of: rows) }, "far beyond the numbers of training")
            + limited(
                columns.filter { $0.missing > 0 && !$0.knowsMissing }.map { $0.missingNotice(of: rows) },
                "with missing values")
            + missingAsInTraining
    }

    private func limited(_ notices: [String], _ kind: String) -> [String] {
        let more = notices.count - Self.mostNotices
        guard more > 0 else { return notices }
        return notices.prefix(Self.mostNotices) + ["\(more) more column\(more == 1 ? " is" : "s are") \(kind)"]
    }

    /// One line for all columns whose missing values training knew.
    private var missingAsInTraining: [String] {
        let known = columns.filter { $0.missing > 0 && $0.knowsMissing }
        guard !known.isEmpty else { return [] }
        let shown = known.prefix(Self.mostNotices).map { "\($0.name) in \($0.missing)" }.joined(separator: ", ")
        let more = known.count - Self.mostNotices
        return [
            "of \(counted(rows, "row")), values are missing as they were in training: \(shown)"
                + (more > 0 ? " and \(more) more columns" : "")
        ]
    }
}

extension FeatureSurvey.Column {
    fileprivate mutating func add(_ numbers: [Double], of run: Table) {
        for (row, number) in numbers.enumerated() {
            if number.isNaN {
                if missing == 0 { firstMissing = run.place(of: row) }
                missing += 1
            } else if let near, !near.contains(number) {
                if beyond == 0 { firstBeyond = (run.place(of: row), number) }
                beyond += 1
            }
        }
    }

    fileprivate mutating func add(_ codes: [Int32], of run: Table) {
        for (row, code) in codes.enumerated() where code < 0 {
            if missing == 0 { firstMissing = run.place(of: row) }
            missing += 1
        }
    }

    fileprivate var name: String { escaped(encoder.name, limit: 60) }

    /// Whether the training rows had missing values in this column, so that the model has learnt from some.
    fileprivate var knowsMissing: Bool {
        switch encoder.encoding {
        case .numeric(_, _, _, let isMarked), .logarithmic(_, _, _, let isMarked), .ordinal(_, _, _, _, let isMarked),
            .date(_, _, _, _, let isMarked), .oneHot(_, _, let isMarked):
            isMarked
        case .hashed: false
        }
    }

    private func shown(_ number: Double) -> String {
        if isDate { return CSVDate.text(number) }
        return Int(exactly: number).map(String.init) ?? "\(rounded(number, digits: 6))"
    }

    fileprivate func beyondNotice(of rows: Int) -> String {
        let range = "\(shown(encoder.smallest ?? 0)) to \(shown(encoder.largest ?? 0))"
        let first = firstBeyond.map { "; the first is \(shown($0.value)) in \($0.place)" } ?? ""
        return "\(beyond) of \(counted(rows, "row")): \(name) far beyond what training had (\(range))\(first)"
    }

    fileprivate func missingNotice(of rows: Int) -> String {
        let treatment: String
        switch encoder.encoding {
        case .numeric(_, _, let fill, _), .date(_, _, let fill, _, _): treatment = "read as \(shown(fill))"
        case .logarithmic(_, _, let fill, _): treatment = "read as \(shown(expm1(fill)))"
        case .ordinal: treatment = "read as the place that training found usual"
        case .oneHot(_, let fill?, _): treatment = "read as \"\(escaped(fill, limit: 40))\""
        case .oneHot, .hashed: treatment = "read as no text at all"
        }
        return "\(missing) of \(counted(rows, "row")): \(name) is missing, \(treatment); the first in \(firstMissing)"
    }
}

private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
