import Batchwise
import Foundations

extension DataSource {
    /// The rows of a training file, by what they are for.
    struct Parts {
        var train: RowList
        var validation: RowList
        var test: RowList
        /// The part that was held out for validation because the recipe left it open.
        var heldOut: Double?

        /// Whether every row is in one of them.
        var coversAll = true

        /// Whether every row is used for training.
        var areUncut: Bool { coversAll && validation.isEmpty && test.isEmpty }
    }

    /// Deals out the rows of a training file.
    ///
    /// - Parameters:
    ///   - task: whether the target is classes or amounts.
    ///   - testFraction: what is kept for testing where there is no fold.
    ///   - groups: the text of every row in the column of groups.
    ///   - mayHoldOut: whether a part of many classified examples may be held out where the recipe names none.
    func parts(
        of raw: RawTarget, as task: Task, groups: [String]?, testFraction: Double, seed: UInt64,
        mayHoldOut: Bool = false
    ) throws(DataError) -> Parts {
        // a few extreme rows decide the loss of numbers, so that it does not say when to stop
        guard mayHoldOut, split.validation == nil, split.fold == nil, task == .classification,
            Double(raw.count) * (1 - testFraction) >= Self.fewestToHoldOut
        else { return try parts(of: raw, as: task, groups: groups, testFraction, split.validation ?? 0, seed: seed) }
        var found = try parts(of: raw, as: task, groups: groups, testFraction, Self.usualValidation, seed: seed)
        found.heldOut = Self.usualValidation
        return found
    }

    /// Training examples from which on some are held out for validation, and the part of all examples that these are.
    private static let fewestToHoldOut = 10_000.0
    private static let usualValidation = 0.05

    private func parts(
        of raw: RawTarget, as task: Task, groups: [String]?, _ testFraction: Double, _ validation: Double,
        seed: UInt64
    ) throws(DataError) -> Parts {
        let count = raw.count
        // millions of rows are not shuffled for nothing
        if split.fold == nil, groups == nil, split.method == .random, testFraction == 0, validation == 0 {
            return Parts(train: RowList(0..<count), validation: [], test: [])
        }
        let fractions = (test: testFraction, validation: validation)
        let parts: Parts
        if split.fold == nil, groups == nil, split.method == .random {
            let dealt = Split.parts(count: count, seed: seed, fractions: [fractions.test, fractions.validation])
            parts = Parts(train: dealt[2], validation: dealt[1], test: dealt[0])
        } else {
            parts = try sortedParts(of: raw, as: task, groups: groups, fractions, seed: seed)
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

    /// Deals rows out by classes, by groups, or for cross-validation.
    private func sortedParts(
        of raw: RawTarget, as task: Task, groups: [String]?, _ fractions: (test: Double, validation: Double),
        seed: UInt64
    ) throws(DataError) -> Parts {
        let count = raw.count
        var dealt = try dealt(raw, as: task, groups: groups, seed: seed)
        let fold = split.fold
        if let fold, fold.count > (groups.map { Set($0).count } ?? count) {
            throw .badSource(
                "\(fold.count) folds of \(groups.map { Set($0).count } ?? count) "
                    + "\(groups == nil ? "examples" : "groups"): at least one is needed for each")
        }
        let test = fold.map { dealt.take($0) } ?? dealt.take(fractions.test)
        let validation = dealt.take(fractions.validation)
        return Parts(train: RowList(dealt.rest), validation: RowList(validation), test: RowList(test))
    }

    private func dealt(_ raw: RawTarget, as task: Task, groups: [String]?, seed: UInt64) throws(DataError) -> Split {
        if let groups { return Split(groups: groups, seed: seed) }
        // Folds are of classes where there are some, as a small one could be missing from one.
        guard split.method == .stratified || split.fold != nil && task == .classification else {
            return Split(count: raw.count, seed: seed)
        }
        guard task == .classification,
            case .classes(let classes, _) = try raw.targets(for: raw.fitted(as: .classification, rows: []))
        else { throw .badSource("data.split.by: stratified needs classes, and the target is numbers; use random") }
        return Split(classes: classes, seed: seed)
    }

    func checkSplit() throws(DataError) {
        for (name, fraction) in [("test", split.test), ("validation", split.validation)] {
            guard let fraction else { continue }
            guard fraction >= 0, fraction < 1 else {
                throw .badSource("data.split.\(name) is \(fraction); a number from 0 to below 1 is needed")
            }
        }
        let (testPart, validation) = (split.test ?? 0, split.validation ?? 0)
        guard testPart + validation < 1 else {
            throw .badSource(
                "data.split.test \(testPart) and data.split.validation \(validation) are \(rounded(testPart + validation, digits: 6)) "
                    + "together, which leaves nothing to train with; their sum must be below 1")
        }
        guard test.isEmpty || split.test ?? 0 == 0 else {
            throw .badSource("data.test and data.split.test exclude each other; remove one")
        }
        guard columns.group == nil || split.method == .random else {
            throw .badSource("data.split.by: stratified and data.split.group exclude each other; remove one")
        }
        guard let fold = split.fold else { return }
        guard (2...1000).contains(fold.count), (1...fold.count).contains(fold.number) else {
            throw .badSource("data.split.fold is \(fold.number) of \(fold.count) folds; there may be 2 to 1000")
        }
        guard test.isEmpty, split.test == nil else {
            throw .badSource("a fold is what is tested: remove data.test and data.split.test")
        }
    }

    /// The training, validation and test examples out of all of the training files; `test` are the examples of separate
    /// test files, and `target` is how the target was taken.
    func loaded(
        _ all: Dataset, _ parts: Parts, test: Dataset?, _ preprocessing: Preprocessing,
        target: (RawTarget, TargetReading)? = nil,
        notices: [String] = []
    ) throws(DataError) -> LoadedData {
        var train = parts.areUncut ? all : all.rows(parts.train)
        guard train.weights?.contains(where: { $0 > 0 }) != false else {
            throw .badSource("data.weights is 0 in every row to train with")
        }
        if let classWeights { train = try train.weighted(by: classWeights) }
        var notices = notices
        if let (raw, reading) = target {
            if reading.isDoubtful { notices.append(reading.line) }
            if let notice = try raw.noticeOfRareClasses(for: preprocessing.target) { notices.append(notice) }
            if let notice = raw.noticeOfAlikeClasses(for: preprocessing.target) { notices.append(notice) }
        }
        var data = LoadedData(
            train: train, test: test ?? (parts.test.isEmpty ? nil : all.rows(parts.test)),
            validation: parts.validation.isEmpty ? nil : all.rows(parts.validation), preprocessing: preprocessing,
            notices: notices, heldOut: parts.heldOut)
        data.trainRows = parts.train
        data.targetReading = target?.1.line
        return data
    }
}
