// Measures the seconds to read a table from a file into columns, the median of several times, and prints what was read:
//   swift run -c release tables FILE --rounds 5

import Batchwise
import BatchwiseData
import Foundation
import Workloads

guard CommandLine.arguments.count > 1 else { fatalError("name a file") }
let path = CommandLine.arguments[1]
let rounds = words("--rounds")?.first.flatMap { Int($0) } ?? 5
let clock = ContinuousClock()

/// A sum over all cells, which the peers compute too.
func sum(_ table: Table) -> Double {
    table.columns.reduce(0) { sum, column in
        switch column.values {
        case .numeric(let numbers): sum + numbers.reduce(0, +)
        case .categorical(let codes, let levels):
            sum + codes.reduce(0) { $1 < 0 ? $0 : $0 + Double(levels[Int($1)].utf8.count) }
        case .skipped: sum
        }
    }
}

var seconds: [Double] = []
var table: Table? = try Table(contentsOf: path)
for _ in 0..<rounds {
    // the old table is freed before the clock starts, as in the peers
    table = nil
    let start = clock.now
    table = try Table(contentsOf: path)
    seconds.append((clock.now - start) / .seconds(1))
}
guard let table else { fatalError("--rounds is at least 1") }
let fields: [String: Any] = [
    "seconds": seconds.sorted()[rounds / 2], "rows": table.rowCount, "columns": table.columns.count, "sum": sum(table),
]
print(String(decoding: try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys), as: UTF8.self))
