import Batchwise
import Foundations

extension Preprocessing {
    /// Makes sure that the parts fit together: a saved model may have been damaged or written by hand.
    ///
    /// - Throws: `DataError.badPreprocessing`, which says what does not fit.
    public func check() throws(DataError) {
        guard !featureShape.isEmpty, featureShape.allSatisfy({ $0 > 0 }), let width = elementCount(featureShape) else {
            throw .badPreprocessing("the shape \(featureShape)")
        }
        guard channels != .first || featureShape.count == 3 else {
            throw .badPreprocessing("channels first of the shape \(featureShape)")
        }
        switch features {
        case .uniform(let scale, let shift):
            guard scale.isFinite, shift.isFinite else { throw .badPreprocessing("scale \(scale), shift \(shift)") }
        case .perFeature(let means, let deviations):
            guard means.count == width, deviations.count == width else {
                throw .badPreprocessing("\(means.count) means, \(deviations.count) deviations, \(width) features")
            }
            for (mean, deviation) in zip(means, deviations) { try Self.check(mean, deviation) }
        case .sparse(let first, let magnitudes):
            guard (0...1).contains(first), featureShape == [width], width <= LIBSVM.largestIndex + 1 else {
                throw .badPreprocessing("sparse rows from index \(first) of the shape \(featureShape)")
            }
            guard magnitudes.isEmpty || magnitudes.count == width, magnitudes.allSatisfy({ $0 > 0 && $0.isFinite })
            else {
                throw .badPreprocessing("\(magnitudes.count) magnitudes, \(width) features")
            }
        case .characters(let vocabulary):
            guard featureShape == [width], (2...CharacterText.mostCharacters).contains(vocabulary.count),
                Set(vocabulary).count == vocabulary.count, vocabulary.allSatisfy({ $0.unicodeScalars.count == 1 }),
                target == .classes(names: vocabulary.map(CharacterText.className))
            else {
                throw .badPreprocessing("\(vocabulary.count) characters of the shape \(featureShape)")
            }
        case .table(let encoder):
            try encoder.check()
            guard featureShape == [encoder.width] else {
                throw .badPreprocessing("columns for \(encoder.width) features, and the shape \(featureShape)")
            }
        }
        switch target {
        case .classes(let names):
            guard !names.isEmpty, Set(names).count == names.count else { throw .badPreprocessing("the class names") }
        case .regression(let means, let deviations):
            guard !means.isEmpty, means.count == deviations.count else {
                throw .badPreprocessing("\(means.count) means and \(deviations.count) deviations of the targets")
            }
            for (mean, deviation) in zip(means, deviations) { try Self.check(mean, deviation) }
        case .none: break
        }
    }

    fileprivate static func check(_ mean: Double, _ deviation: Double) throws(DataError) {
        guard mean.isFinite, deviation.isFinite, deviation > 0 else {
            throw .badPreprocessing("the mean \(mean) with the deviation \(deviation)")
        }
    }
}

extension TableEncoder {
    fileprivate func check() throws(DataError) {
        var numbers = columns.map(\.number) + targets.map(\.number)
        if let weights { numbers.append(weights.number) }
        guard !targets.isEmpty, numbers.allSatisfy({ $0 >= 1 && $0 <= columnCount }),
            Set(numbers).count == numbers.count
        else { throw .badPreprocessing("column numbers \(numbers) of \(columnCount) columns") }
        guard targets.count == 1 || !targets.contains(where: \.isText) else {
            throw .badPreprocessing("several targets, and texts among them")
        }
        for column in columns { try column.check() }
    }
}

extension ColumnEncoder {
    fileprivate func check() throws(DataError) {
        switch encoding {
        case .numeric(let mean, let deviation, let fill, _), .logarithmic(let mean, let deviation, let fill, _):
            try check(mean, deviation, fill)
        case .date(let mean, let deviation, let fill, let cycles, _):
            try check(mean, deviation, fill)
            guard Set(cycles).count == cycles.count else { throw .badPreprocessing("the cycles of column \(number)") }
        case .ordinal(let levels, let mean, let deviation, let fill, _):
            try check(mean, deviation, fill)
            try check(levels)
        case .oneHot(let levels, let fill, _):
            try check(levels)
            guard fill.map(levels.contains) != false else { throw .badPreprocessing("the fill of column \(number)") }
        case .hashed(let features):
            guard (1...ColumnRule.mostHashed).contains(features) else {
                throw .badPreprocessing("\(features) features of hashes in column \(number)")
            }
        }
    }

    private func check(_ mean: Double, _ deviation: Double, _ fill: Double) throws(DataError) {
        try Preprocessing.check(mean, deviation)
        guard fill.isFinite else { throw .badPreprocessing("the fill \(fill)") }
    }

    private func check(_ levels: [String]) throws(DataError) {
        guard Set(levels).count == levels.count else { throw .badPreprocessing("the levels of column \(number)") }
    }
}
