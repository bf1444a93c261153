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
        case floats, integers, booleans
        /// The classes are names of folders.
        case folders
    }

    /// Integers with more different values than this are amounts, unless their type says otherwise.
    static let mostIntegerClasses = 20

    let file: String
    let values: Values
    /// The numbers of each example.
    let width: Int
    let origin: Origin

    var count: Int {
        switch values {
        case .numbers(let numbers): numbers.count / width
        case .texts(let codes, _): codes.count
        }
    }

    /// Texts, booleans, integer labels, and whole numbers of at most 20 values are classes; the rest are amounts.
    var task: DataSource.Task {
        guard width == 1, case .numbers(let numbers) = values else { return width == 1 ? .classification : .regression }
        switch origin {
        case .integers, .booleans, .folders: return .classification
        case .floats, .table:
            var seen: Set<Double> = []
            for number in numbers {
                guard number == number.rounded() else { return .regression }
                seen.insert(number)
                if seen.count > Self.mostIntegerClasses { return .regression }
            }
            return .classification
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
                throw .badLabels(file: file, detail: "\(width) numbers an example are not a class")
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
            throw .badLabels(file: file, detail: "regression needs numbers, and there is \"\(levels.first ?? "")\"")
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
