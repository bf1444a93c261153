import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Numbers, dates and texts as people write them are read as they are meant, or refused, or noticed: never silently as
/// something else.
@Suite struct DirtyTableTests {
    private static let count: UInt64 = 2000

    private enum Outcome: Hashable {
        case right, refused, noticed
        case silent(String)
    }

    private func outcome(_ dirty: DirtyTable) throws -> Outcome {
        let table: Table
        do {
            table = try read(dirty.bytes, "t.csv")
        } catch let error as DataError {
            return "\(error)".contains("line ") || "\(error)".contains("data.") ? .refused : .silent("\(error)")
        }
        return outcome(dirty, table)
    }

    private func outcome(_ dirty: DirtyTable, _ table: Table) -> Outcome {
        let rows = dirty.columns[0].cells.count
        guard table.columns.count == dirty.columns.count, table.rowCount == rows else {
            let detail = "\(table.columns.count) columns, \(table.rowCount) rows of \(rows)"
            return table.notices.contains { $0.contains("line ") } ? .noticed : .silent(detail)
        }
        var outcome = Outcome.right
        for (place, (meant, found)) in zip(dirty.columns, table.columns).enumerated() {
            let name = dirty.hasHeader ? meant.name : "column \(place + 1)"
            if found.name == name, meant.isMeant(by: found) { continue }
            guard table.notices.contains(where: { $0.contains("\"\(found.name)\"") }) else {
                let cells = zip(meant.cells, cells(found)).prefix(6).map { "\($0) as \($1)" }.joined(separator: "; ")
                return .silent("column \(name), read as \(found.name): \(cells)")
            }
            outcome = .noticed
        }
        return outcome
    }

    @Test func noDirtIsReadSilentlyAsSomethingElse() throws {
        var counts: [Outcome: Int] = [:]
        for seed in 0..<Self.count {
            let dirty = DirtyTable(seed: seed)
            let found = try outcome(dirty)
            if case .silent(let detail) = found {
                Issue.record("seed \(seed), \(dirty.dirt): \(detail)\n\(dirty.beginning)")
            }
            counts[found, default: 0] += 1
        }
        // a reader that refuses or notices everything would pass the test above
        #expect(
            10 * counts[.right, default: 0] > 9 * Int(Self.count),
            "\(counts[.right, default: 0]) \(counts[.noticed, default: 0])")
    }

    /// The negative control: another meaning of a column that was read without a notice is found.
    @Test func anotherMeaningIsFound() throws {
        var found = 0
        for seed in 0..<200 as Range<UInt64> {
            let dirty = DirtyTable(seed: seed)
            guard let table = try? read(dirty.bytes, "t.csv"), table.notices.isEmpty, outcome(dirty, table) == .right
            else { continue }
            for place in table.columns.indices {
                guard case .numeric(let numbers) = table.columns[place].values else { continue }
                var other = table
                other.columns[place] = .init(
                    name: table.columns[place].name, values: .numeric(numbers.map { $0 * 1000 + 1 }),
                    isDate: table.columns[place].isDate)
                guard case .silent = outcome(dirty, other) else {
                    Issue.record("seed \(seed), column \(place)")
                    continue
                }
                found += 1
            }
        }
        #expect(found > 50)
    }
}
