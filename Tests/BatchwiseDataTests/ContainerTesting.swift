import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// The path of a file in Tests/Fixtures.
func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// Reads a file of this content by the common way, and gives its table.
func read(_ bytes: some Sequence<UInt8>, _ name: String, form: DataSource.TextForm = .init()) throws -> Table {
    let file = try TemporaryFile(bytes, name: name)
    return try open(file.path, form: form).table(kinds: nil)
}

func read(_ text: String, _ name: String, form: DataSource.TextForm = .init()) throws -> Table {
    try read(text.utf8, name, form: form)
}

func open(_ path: String, form: DataSource.TextForm = .init()) throws -> any TableFile {
    struct NoTable: Error {}
    var reading = Reading(form: form)
    reading.findsText = false
    guard let file = try DataFormats.standard.open([path], reading) as? any TableFile else { throw NoTable() }
    return file
}

/// The error of reading a file of this content.
func refusal(_ bytes: some Sequence<UInt8>, _ name: String, form: DataSource.TextForm = .init()) throws -> DataError? {
    do {
        _ = try read(bytes, name, form: form)
        return nil
    } catch let error as DataError {
        return error
    }
}

func refusal(_ text: String, _ name: String, form: DataSource.TextForm = .init()) throws -> DataError? {
    try refusal(text.utf8, name, form: form)
}

/// The cells of a column as texts, an empty one for a missing value.
func cells(_ column: Table.Column) -> [String] {
    switch column.values {
    case .numeric(let numbers): numbers.map { $0.isNaN ? "" : "\($0)" }
    case .categorical(let codes, let levels): codes.map { $0 < 0 ? "" : levels[Int($0)] }
    case .skipped: []
    }
}

func cells(_ table: Table) -> [[String]] { table.columns.map(cells) }
