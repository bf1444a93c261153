import Batchwise
import Foundations

extension RawTarget {
    /// The targets in the terms of a fitted model.
    func targets(for target: Preprocessing.Target) throws(DataError) -> Dataset.Targets {
        try requireValues()
        switch (target, values) {
        case (.none, _): return .none
        case (.classes(let names), .texts(let codes, let levels)):
            let known = ClassNames(names)
            let placeOfLevel = levels.map { known[$0] }
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
                guard names == oneHotNames, let classes = oneHotClasses else { throw notOneHot }
                return .classes(classes, names: names)
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

    private func unknown(_ row: Int, _ found: String, _ names: [String]) -> DataError {
        let (file, place) =
            switch origin {
            case .table(let table, _): (table.file(row), table.place(of: row))
            case .folders: (self.file, "folder \(found)")
            case .floats, .integers, .booleans, .texts: (self.file, "example \(row) (from 0)")
            }
        return .unknownClass(file: file, row: place, found: found, nearest: nearestName(to: found, in: names))
    }
}
