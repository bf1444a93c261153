import Foundations
import Batchwise
/// Targets as a file has them, before it is decided what they mean.
struct RawTarget {
    enum Values {
        case numbers([Double])
        case texts(codes: [Int32], levels: [String])
    }

    /// What the file's type says, which for a table is nothing.
    enum Origin {
        case table(Table, columns: [String])
        case floats, integers, booleans
        /// Folders whose names are the classes.
        case folders
    }

    /// Integers with more different values than this are amounts, unless their type says otherwise.
    static let mostIntegerClasses = 20

    let file: String
    let values: Values
    /// Numbers an example.
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

    /// What the outputs of a model for this target mean: all classes of the file, or the moments of each
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

    /// The targets in the terms of a fitted model.
    func targets(for target: Preprocessing.Target) throws(DataError) -> Dataset.Targets {
        try requireValues()
        switch (target, values) {
        case (.none, _): return .none
        case (.classes(let names), .texts(let codes, let levels)):
            var places: [String: Int32] = [:]
            for (place, name) in names.enumerated() { places[name] = Int32(place) }
            let placeOfLevel = levels.map { places[$0] }
            // the same memory where the levels are the names
            if placeOfLevel.indices.allSatisfy({ placeOfLevel[$0] == Int32($0) }) {
                return .classes(codes, names: names)
            }
            var classes: [Int32] = []
            classes.reserveCapacity(codes.count)
            for (row, code) in codes.enumerated() {
                guard let place = placeOfLevel[Int(code)] else { throw unknown(row, levels[Int(code)], names) }
                classes.append(place)
            }
            return .classes(classes, names: names)
        case (.classes(let names), .numbers(let numbers)):
            guard width == 1 else {
                throw .badLabels(file: file, detail: "\(width) numbers an example are not a class")
            }
            var places: [String: Int32] = [:]
            for (place, name) in names.enumerated() { places[name] = Int32(place) }
            var known: [Double: Int32] = [:]
            var classes: [Int32] = []
            classes.reserveCapacity(numbers.count)
            for (row, number) in numbers.enumerated() {
                if let place = known[number] {
                    classes.append(place)
                } else if let place = places[name(of: number)] {
                    known[number] = place
                    classes.append(place)
                } else {
                    throw unknown(row, name(of: number), names)
                }
            }
            return .classes(classes, names: names)
        case (.regression(let means, let deviations), .numbers(let numbers)):
            guard means.count == width else {
                throw .badLabels(file: file, detail: "\(width) numbers an example, and the model has \(means.count)")
            }
            var standardised: [Float] = []
            standardised.reserveCapacity(numbers.count)
            for (at, number) in numbers.enumerated() {
                standardised.append(Float((number - means[at % width]) / deviations[at % width]))
            }
            return .values(
                standardised, width: width, means: means.map { Float($0) }, deviations: deviations.map { Float($0) })
        case (.regression, .texts(_, let levels)):
            throw .badLabels(file: file, detail: "regression needs numbers, and there is \"\(levels.first ?? "")\"")
        }
    }

    private func requireValues() throws(DataError) {
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

    private func unknown(_ row: Int, _ found: String, _ names: [String]) -> DataError {
        let (file, place) =
            switch origin {
            case .table(let table, _): (table.file(row), table.place(of: row))
            case .folders: (self.file, "folder \(found)")
            case .floats, .integers, .booleans: (self.file, "example \(row) (from 0)")
            }
        return .unknownClass(file: file, row: place, found: found, nearest: nearestName(to: found, in: names))
    }

    private func name(of number: Double) -> String {
        if case .booleans = origin { return number == 0 ? "false" : "true" }
        return Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
