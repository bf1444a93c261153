import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Polluted tables are read right, or refused or noticed with a line: never silently other than meant.
@Suite struct PollutedTableTests {
    /// `scripts/nightly` sets BATCHWISE_SLOW.
    private static let count: UInt64 = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] == nil ? 200 : 2000

    /// The outcome of reading a table.
    fileprivate enum Outcome: Hashable {
        case right, refused, noticed
        case silent(String)
    }

    @Test func noPollutedTableIsReadSilentlyOtherThanMeant() {
        var counts: [PollutedTable.Kind: [Outcome: Int]] = [:]
        for seed in 0..<Self.count {
            let table = PollutedTable(seed: seed)
            let outcome = outcome(table, .refuse, expected: table.cells)
            if case .silent(let detail) = outcome {
                Issue.record("seed \(seed), \(table.kind): \(detail)\n\(String(decoding: table.bytes, as: UTF8.self))")
            }
            counts[table.kind, default: [:]][outcome, default: 0] += 1
        }
        // these are read right, each time: a reader that refuses all would pass the test above
        let readable: [PollutedTable.Kind] = [
            .clean, .otherDelimiter, .separatorLine, .title, .paddedTitle, .properties, .groupsAbove, .threeHeaders,
            .byteOrderMark, .lineEnds, .emptyLines, .trailingDelimiters, .comments, .noHeader, .blanks, .longIds,
        ]
        for kind in readable { #expect(counts[kind]?.keys.elementsEqual([.right]) == true, "\(kind) \(counts)") }
    }

    @Test func skippingBadLinesReadsAllOthers() {
        for seed in 0..<Self.count {
            let table = PollutedTable(seed: seed)
            guard let lost = table.lost else { continue }
            let rest = table.cells.indices.filter { !lost.contains($0) }.map { table.cells[$0] }
            let outcome = outcome(table, .skip, expected: rest)
            #expect(
                outcome == .right, "seed \(seed), \(table.kind)\n\(String(decoding: table.bytes, as: UTF8.self))")
            // a comment behind the data is left out with a notice, whatever becomes of bad lines
            guard table.kind != .footer else {
                #expect(self.outcome(table, .refuse, expected: rest) == .right)
                continue
            }
            #expect(
                failure { () throws(DataError) in try read(table, .refuse) }?.description.contains("data.bad-lines")
                    == true, "seed \(seed), \(table.kind)")
        }
    }

    private func read(_ table: PollutedTable, _ badLines: DataSource.BadLines) throws(DataError) -> Table {
        try CSV(path: "t.csv", bytes: table.bytes, header: nil, badLines: badLines).table()
    }

    private func outcome(
        _ table: PollutedTable, _ badLines: DataSource.BadLines, expected: [[PollutedTable.Cell]]
    ) -> Outcome {
        let found: Table
        do throws(DataError) {
            found = try read(table, badLines)
        } catch {
            let isOfFile = "\(error)".contains("UTF-16") || "\(error)".contains("neither a table")
            return isOfFile || "\(error)".contains("line ") ? .refused : .silent("no line in \(error)")
        }
        guard let difference = difference(found, table, expected) else { return .right }
        return found.notices.contains { $0.contains("line") } ? .noticed : .silent(difference)
    }

    /// The first difference between a table that was read and the cells that are meant; nil where there is none.
    private func difference(
        _ found: Table, _ table: PollutedTable, _ expected: [[PollutedTable.Cell]]
    ) -> String? {
        guard found.rowCount == expected.count else { return "\(found.rowCount) rows of \(expected.count)" }
        let names = found.columns.map(\.name)
        if table.kind != .noHeader, names.prefix(table.names.count) != table.names[...] { return "names \(names)" }
        guard names.count >= table.names.count else { return "\(names.count) columns" }
        for (place, column) in found.columns.enumerated() {
            if place >= table.names.count {
                guard case .numeric(let all) = column.values, all.allSatisfy(\.isNaN) else { return "column \(place)" }
                continue
            }
            for (row, cells) in expected.enumerated() {
                let isEqual =
                    switch (cells[place], column.values) {
                    case (.number(let text), .numeric(let numbers)): Double(text) == numbers[row] && !column.isDate
                    case (.date(_, let seconds), .numeric(let numbers)): seconds == numbers[row] && column.isDate
                    case (.text(let text), .categorical(let codes, let levels)):
                        codes[row] >= 0 && ends(levels[Int(codes[row])]) == text
                    default: false
                    }
                if !isEqual { return "row \(row), column \(place)" }
            }
        }
        return nil
    }

    /// A text with the line ends that the clean table has.
    private func ends(_ text: String) -> String {
        text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    }
}
