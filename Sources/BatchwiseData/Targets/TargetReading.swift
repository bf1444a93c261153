import Batchwise

/// The decision whether a target is classes or amounts, and a line that says so to a person.
struct TargetReading {
    let task: DataSource.Task
    /// Says what is learnt, how it was taken, and the key that changes it.
    let line: String
    /// Whether the target may have been meant otherwise, so that a person must read the line.
    let isDoubtful: Bool
}

extension RawTarget {
    /// Decides what the target is, from its kind, its different values, and the rows of each.
    ///
    /// - Parameter asked: the task that the recipe names; nil leaves it to the target.
    /// - Throws: `DataError` where texts can hardly be meant as classes.
    func reading(asked: DataSource.Task?) throws(DataError) -> TargetReading {
        if width > 1 { return severalNumbers(asked) }
        switch values {
        case .texts(let codes, let levels):
            if asked == nil { try refuseProse(codes, levels) }
            let count = Set(codes).count
            return TargetReading(
                task: asked ?? .classification, line: "\(name): \(count) different \(textsNoun) are classes",
                isDoubtful: false)
        case .numbers(let numbers): return oneNumber(numbers, asked)
        }
    }

    /// Whether the target is classes or amounts where the recipe does not say.
    var task: DataSource.Task { (try? reading(asked: nil))?.task ?? .classification }

    private func oneNumber(_ numbers: [Double], _ asked: DataSource.Task?) -> TargetReading {
        if let asked {
            let noun = asked == .classification ? "classes, one for each number" : "amounts"
            return TargetReading(task: asked, line: "\(name): \(noun), as data.task says", isDoubtful: false)
        }
        if case .booleans = origin {
            return TargetReading(
                task: .classification,
                line: "\(name): true and false are classes; data.task: regression makes them the amounts 1 and 0",
                isDoubtful: false)
        }
        if areDates {
            return TargetReading(
                task: .regression, line: "\(name): dates, learnt and predicted as seconds since the beginning of 1970",
                isDoubtful: true)
        }
        guard let whole = WholeNumbers(numbers) else {
            let noun =
                numbers.contains { $0 != $0.rounded() } ? "numbers with fractions" : "thousands of different numbers"
            return TargetReading(
                task: .regression, line: "\(name): \(noun) are amounts; data.task: classification makes them classes",
                isDoubtful: false)
        }
        let (count, first, last) = (whole.values.count, whole.values.first ?? 0, whole.values.last ?? 0)
        let what = "\(count) different whole \(count == 1 ? "number" : "numbers")"
        let range = "\(what), \(numberText(first)) to \(numberText(last)), in \(numbers.count) rows"
        if whole.areClasses {
            return TargetReading(
                task: .classification, line: "\(name): \(range), are classes; data.task: regression makes them amounts",
                isDoubtful: whole.areDoubtful)
        }
        return TargetReading(
            task: .regression, line: "\(name): \(range), are amounts; data.task: classification makes them classes",
            isDoubtful: whole.areDoubtful)
    }

    private var areDates: Bool {
        guard case .table(let table, let columns) = origin else { return false }
        return table.columns.first { $0.name == columns[0] }?.isDate ?? false
    }

    private func severalNumbers(_ asked: DataSource.Task?) -> TargetReading {
        if asked != .regression, oneHotClasses != nil {
            return TargetReading(
                task: .classification,
                line: "\(name): rows of \(width) numbers with a single 1 (one-hot) are \(width) classes; "
                    + "data.task: regression makes them amounts",
                isDoubtful: false)
        }
        return TargetReading(
            task: asked ?? .regression, line: "\(name): \(width) amounts, learnt together", isDoubtful: false)
    }

    /// The target in words.
    var name: String {
        switch origin {
        case .table(_, let columns):
            columns.count == 1
                ? "target \"\(columns[0])\"" : "targets " + columns.map { "\"\($0)\"" }.joined(separator: ", ")
        case .floats, .integers, .booleans, .texts: "labels in \(file)"
        case .folders: "folders in \(file)"
        }
    }

    private var textsNoun: String { if case .folders = origin { "names" } else { "texts" } }
}
