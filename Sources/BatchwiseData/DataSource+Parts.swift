import Batchwise
extension DataSource {
    /// The rows of a training file, by what they are for.
    struct Parts {
        var train: RowList
        var validation: RowList
        var test: RowList

        /// Whether every row is trained with.
        var areUncut: Bool { validation.isEmpty && test.isEmpty }
    }

    /// Deals out the rows of a training file.
    ///
    /// - Parameters:
    ///   - testFraction: what is kept for testing where there is no fold.
    ///   - groups: the text of every row in the column of groups.
    func parts(
        of raw: RawTarget, groups: [String]?, testFraction: Double, seed: UInt64
    ) throws(DataError) -> Parts {
        let count = raw.count
        // millions of rows are not shuffled for nothing
        if fold == nil, groups == nil, splitMethod == .random, testFraction == 0, validationFraction ?? 0 == 0 {
            return Parts(train: RowList(0..<count), validation: [], test: [])
        }
        let fractions = (test: testFraction, validation: validationFraction ?? 0)
        let parts: Parts
        if fold == nil, groups == nil, splitMethod == .random {
            let dealt = Split.parts(count: count, seed: seed, fractions: [fractions.test, fractions.validation])
            parts = Parts(train: dealt[2], validation: dealt[1], test: dealt[0])
        } else {
            parts = try sortedParts(of: raw, groups: groups, fractions, seed: seed)
        }
        guard !parts.train.isEmpty else {
            throw .badSource(
                "data.split keeps \(parts.test.count + parts.validation.count) of \(count) examples, "
                    + "which leaves none to train with"
            )
        }
        if fractions.validation > 0, parts.validation.isEmpty {
            throw .badSource(
                "data.split.validation is \(fractions.validation), which keeps none of \(count) examples; "
                    + "use a larger part"
            )
        }
        return parts
    }

    /// By classes, by groups, or for cross-validation.
    private func sortedParts(
        of raw: RawTarget, groups: [String]?, _ fractions: (test: Double, validation: Double), seed: UInt64
    ) throws(DataError) -> Parts {
        let count = raw.count
        var split = try split(raw, groups: groups, seed: seed)
        if let fold, fold.count > (groups.map { Set($0).count } ?? count) {
            throw .badSource(
                "\(fold.count) folds of \(groups.map { Set($0).count } ?? count) "
                    + "\(groups == nil ? "examples" : "groups"): at least one is needed for each")
        }
        let test = fold.map { split.take($0) } ?? split.take(fractions.test)
        let validation = split.take(fractions.validation)
        return Parts(train: RowList(split.rest), validation: RowList(validation), test: RowList(test))
    }

    private func split(_ raw: RawTarget, groups: [String]?, seed: UInt64) throws(DataError) -> Split {
        if let groups { return Split(groups: groups, seed: seed) }
        // Folds are of classes where there are some, as a small one could be missing from one.
        let task = task ?? raw.task
        guard splitMethod == .stratified || fold != nil && task == .classification else {
            return Split(count: raw.count, seed: seed)
        }
        guard task == .classification,
            case .classes(let classes, _) = try raw.targets(for: raw.fitted(as: .classification, rows: []))
        else { throw .badSource("data.split.by: stratified needs classes, and the target is numbers; use random") }
        return Split(classes: classes, seed: seed)
    }

    func checkSplit() throws(DataError) {
        for (name, fraction) in [("test", testFraction), ("validation", validationFraction)] {
            guard let fraction else { continue }
            guard fraction >= 0, fraction < 1 else {
                throw .badSource("data.split.\(name) is \(fraction); a number from 0 to below 1 is needed")
            }
        }
        guard (testFraction ?? 0) + (validationFraction ?? 0) < 1 else {
            throw .badSource("data.split.test and data.split.validation leave nothing to train with")
        }
        guard test == nil || testFraction ?? 0 == 0 else {
            throw .badSource("data.test and data.split.test exclude each other; remove one")
        }
        guard group == nil || splitMethod == .random else {
            throw .badSource("data.split.by: stratified and data.split.group exclude each other; remove one")
        }
        guard let fold else { return }
        guard (2...1000).contains(fold.count), (1...fold.count).contains(fold.number) else {
            throw .badSource("data.split.fold is \(fold.number) of \(fold.count) folds; there may be 2 to 1000")
        }
        guard test == nil, testFraction == nil else {
            throw .badSource("a fold is what is tested: remove data.test and data.split.test")
        }
    }
}
