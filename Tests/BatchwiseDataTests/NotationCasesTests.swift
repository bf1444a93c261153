import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Files that people had trouble with, beside the same tables in plain numbers and ISO dates.
@Suite struct NotationCasesTests {
    private static let folder =
        String(#filePath.dropLast("BatchwiseDataTests/NotationCasesTests.swift".count)) + "Fixtures/cases/"

    @Test(arguments: [
        ("european-thousands/input.csv", "european-thousands/reference.csv"),
        ("semicolon-thousands-comma/input.csv", "semicolon-thousands-comma/reference.csv"),
        ("tsv-decimal-comma/input.tsv", "tsv-decimal-comma/reference.tsv"),
        ("currency-columns/input.csv", "currency-columns/reference.csv"),
        ("excel-error-cells/input-na.csv", "excel-error-cells/reference.csv"),
        ("excel-error-cells/input-div0.csv", "excel-error-cells/reference.csv"),
        ("dates-not-iso/input-dmy.csv", "dates-not-iso/reference.csv"),
        ("dates-not-iso/input-mdy.csv", "dates-not-iso/reference.csv"),
        ("dates-not-iso/input-mon.csv", "dates-not-iso/reference.csv"),
        ("dates-not-iso/input-ymd-slash.csv", "dates-not-iso/reference.csv"),
        ("total-row-at-the-end/input.csv", "total-row-at-the-end/reference.csv"),
    ])
    func inputIsReadAsTheReference(input: String, reference: String) throws {
        let found = try Table(contentsOf: Self.folder + input)
        let expected = try Table(contentsOf: Self.folder + reference)
        #expect(found.rowCount == expected.rowCount && found.columns.count == expected.columns.count)
        for (one, other) in zip(found.columns, expected.columns) {
            guard case .numeric(let numbers) = one.values, case .numeric(let wanted) = other.values else {
                Issue.record("\(one.name) is not numbers")
                continue
            }
            #expect(numbers.elementsEqual(wanted) { $0 == $1 || $0.isNaN && $1.isNaN })
            #expect(one.name == other.name && one.isDate == other.isDate)
        }
        #expect(found.notices.count == (input.hasPrefix("total") ? 1 : 0), "\(found.notices)")
        #expect(expected.notices == [])
    }
}
