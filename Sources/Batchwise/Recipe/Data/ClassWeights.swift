import Foundations

/// The weight of the training examples of each class, a factor beside their own weights.
public enum ClassWeights: Equatable, Sendable {
    /// Every class counts as much as the others: n / (k n_c) for the n_c of n examples of a class, where k classes
    /// occur. Scikit-learn calls this `balanced`.
    case balanced
    /// The weights by the names of the classes; 1 for classes that are not named.
    case named([String: Double])
}

extension Dataset {
    /// The data set with the weights of its examples multiplied by those of their classes.
    ///
    /// - Throws: `DataError.badSource` where the targets are no classes, a class is unknown, or nothing has weight.
    public func weighted(by classWeights: ClassWeights) throws(DataError) -> Dataset {
        guard case .classes(let classes, let names) = targets else {
            throw .badSource("data.class-weights needs classes to tell apart, and the targets are numbers")
        }
        let factors = try classWeights.factors(classes, names)
        let weights = classes.indices.map { Float(factors[Int(classes[$0])]) * (self.weights?[$0] ?? 1) }
        guard weights.contains(where: { $0 > 0 }), weights.allSatisfy(\.isFinite) else {
            throw .badSource("data.class-weights leaves no example to train with a usable weight")
        }
        return Dataset(checked: count, featureShape, features, targets, weights)
    }
}

extension ClassWeights {
    /// The weight of every class.
    fileprivate func factors(_ classes: [Int32], _ names: [String]) throws(DataError) -> [Double] {
        switch self {
        case .balanced:
            var counts = [Int](repeating: 0, count: names.count)
            for place in classes { counts[Int(place)] += 1 }
            let occurring = counts.count { $0 > 0 }
            return counts.map { $0 == 0 ? 1 : Double(classes.count) / Double(occurring * $0) }
        case .named(let weights):
            for name in weights.keys.sorted() where !names.contains(name) {
                let hint = nearestName(to: name, in: names).map { " (did you mean \"\($0)\"?)" } ?? ""
                throw .badSource("data.class-weights names the class \"\(name)\", which the data does not have\(hint)")
            }
            return names.map { weights[$0] ?? 1 }
        }
    }

    /// Reads `balanced`, or a number of at least 0 for each of some classes.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        if notation == .string("balanced") {
            self = .balanced
            return
        }
        guard case .map(let entries) = notation, !entries.isEmpty else {
            throw .value(at: path, expected: "balanced, or a map such as {yes: 3, no: 1}", found: notation.text)
        }
        var reader = try RecipeReader(notation, at: path)
        var weights: [String: Double] = [:]
        for entry in entries {
            weights[entry.key] = try reader.double(
                entry.key, "a number of at least 0", where: { $0 >= 0 && $0 <= 1e9 })
        }
        self = .named(weights)
    }

    var notation: RecipeValue {
        switch self {
        case .balanced: .string("balanced")
        case .named(let weights): .map(weights.sorted { $0.key < $1.key }.map { .init($0.key, .double($0.value)) })
        }
    }
}
