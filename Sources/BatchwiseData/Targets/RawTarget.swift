import Batchwise
import Foundations

/// Targets as a file has them, before it is decided what they mean.
struct RawTarget {
    enum Values {
        case numbers([Double])
        case texts(codes: [Int32], levels: [String])
    }

    /// The type of the labels in their file; a table has none.
    enum Origin {
        case table(Table, columns: [String])
        case floats, integers, booleans, texts
        /// The classes are names of folders.
        case folders
    }

    let file: String
    let values: Values
    /// The numbers of each example.
    let width: Int
    let origin: Origin
    /// The row of the table that each example is, where these are some of its rows.
    var tableRows: [Int]?

    var count: Int {
        switch values {
        case .numbers(let numbers): numbers.count / width
        case .texts(let codes, _): codes.count
        }
    }

    /// The meaning of the outputs of a model for this target: all classes of the file, or the moments of each
    /// number over the training rows.
    func fitted(as task: DataSource.Task, rows: RowList) throws(DataError) -> Preprocessing.Target {
        try requireValues()
        switch (task, values) {
        case (.classification, .texts(_, let levels)): return .classes(names: try atLeastTwo(levels))
        case (.classification, .numbers(let numbers)):
            guard width == 1 else {
                guard oneHotClasses != nil else { throw notOneHot }
                return .classes(names: oneHotNames)
            }
            return .classes(names: try atLeastTwo(Set(numbers).sorted().map(name(of:))))
        case (.regression, .numbers(let numbers)):
            let width = width
            let moments = (0..<width).map { place in Moments(rows.lazy.map { numbers[$0 * width + place] }) }
            for moments in moments {
                guard Float(moments.mean).isFinite, Float(moments.deviation).isFinite, Float(moments.deviation) > 0
                else {
                    throw .badLabels(file: file, detail: "the numbers are too large or too small for float32")
                }
            }
            return .regression(means: moments.map(\.mean), deviations: moments.map(\.deviation))
        case (.regression, .texts(_, let levels)):
            throw .badLabels(
                file: file,
                detail:
                    "regression needs numbers, and there is \"\(levels.first ?? "")\"; data.task: classification learns texts"
            )
        }
    }

    /// Fails where an example has no target.
    func requireValues() throws(DataError) {
        let bad: Int? =
            switch values {
            case .numbers(let numbers): numbers.firstIndex { !$0.isFinite }
            case .texts(let codes, _): codes.firstIndex { $0 < 0 }
            }
        guard let bad else { return }
        if case .table(let table, let columns) = origin {
            throw table.missingValue(row: bad / width, column: columns[bad % width])
        }
        throw .badLabels(file: file, detail: "example \(bad / width) (from 0) is not a finite number")
    }

    /// The error where several numbers an example were to be a class.
    var notOneHot: DataError {
        .badLabels(
            file: file,
            detail: "\(width) numbers an example are a class only where one of them is 1 and the others are 0; "
                + "data.task: regression learns them as amounts")
    }

    private func atLeastTwo(_ names: [String]) throws(DataError) -> [String] {
        guard names.count > 1 else { throw .oneClass(file: file, name: names.first ?? "") }
        return names
    }

    /// A number as the name of a class.
    func name(of number: Double) -> String {
        if case .booleans = origin { return number == 0 ? "false" : "true" }
        return Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
