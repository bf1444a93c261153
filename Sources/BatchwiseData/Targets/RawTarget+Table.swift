import Batchwise

extension RawTarget {
    /// The targets in columns of a table; several are numbers.
    init(_ table: Table, places: [Int]) throws(DataError) {
        let names = places.map { table.columns[$0].name }
        let values: Values
        if let place = places.first, places.count == 1 {
            switch table.columns[place].values {
            case .numeric(let numbers): values = .numbers(numbers)
            case .categorical(let codes, let levels): values = .texts(codes: codes, levels: levels)
            case .skipped: values = .texts(codes: [], levels: [])
            }
        } else {
            let columns = places.map { place in
                if case .numeric(let numbers) = table.columns[place].values { numbers } else { [Double]() }
            }
            values = .numbers((0..<table.rowCount).flatMap { row in columns.map { $0[row] } })
        }
        self.init(
            file: table.path, values: values, width: max(1, places.count), origin: .table(table, columns: names))
    }
}
