import TestSupport

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// A table of text made of columns, as a file that is loaded.
struct ColumnTable {
    var columns: [(name: String, cells: [String])]

    init(_ columns: [(String, [String])]) { self.columns = columns.map { (name: $0.0, cells: $0.1) } }

    /// Columns x, z and the classes y, which do not tell each other, beside those of a test.
    static func beside(_ columns: [(String, [String])], rows: Int = 60) -> ColumnTable {
        ColumnTable(columns + [("x", numbers(rows, 1)), ("z", numbers(rows, 2)), ("y", classes(rows))])
    }

    /// Numbers with a decimal, in no order.
    static func numbers(_ count: Int, _ seed: UInt64) -> [String] {
        (0..<count).map { "\(Double(CounterRandom.mix(seed << 32 + UInt64($0)) >> 54) / 4)" }
    }

    static func classes(_ count: Int) -> [String] {
        (0..<count).map { ["no", "yes"][Int(CounterRandom.mix(7 << 32 + UInt64($0)) & 1)] }
    }

    func text(header: Bool = true) -> String {
        var lines = header ? [columns.map { "\"\($0.name)\"" }.joined(separator: ",")] : []
        for row in columns[0].cells.indices { lines.append(columns.map { $0.cells[row] }.joined(separator: ",")) }
        return lines.joined(separator: "\n") + "\n"
    }

    func load(
        target: String = "y", header: Bool = true, _ change: (inout DataSource) -> Void = { _ in }
    ) throws -> LoadedData {
        let file = try TemporaryFile(text(header: header), name: "t.csv")
        var source = DataSource(train: file.path, target: target)
        change(&source)
        return try source.load(seed: 1)
    }
}

extension LoadedData {
    /// The names of the columns that are learnt from.
    var learntColumns: [String] {
        if case .table(let encoder) = preprocessing.features { encoder.columns.map(\.name) } else { [] }
    }

    /// The names of the classes that are learnt; empty for amounts.
    var classNames: [String] {
        if case .classes(let names) = preprocessing.target { names } else { [] }
    }
}
