import Batchwise

/// The bundled data set `digits`.
struct BundledDigits: DataFormat, DataFile {
    static func open(_ file: FoundFile, _ reading: Reading) -> (any DataFile)? {
        file.path == DataSource.digits ? BundledDigits() : nil
    }

    func describe(labels: String?) -> DataDescription {
        let digits = Dataset.digits().train
        guard case .bytes(let bytes, _, _) = digits.features, case .classes(let classes, let names) = digits.targets
        else {
            // `Dataset.digits` has these parts
            preconditionFailure("the digits are bytes of ten classes")
        }
        return DataDescription(
            format: .array, rows: digits.count, shape: digits.featureShape,
            density: Double(bytes.count { $0 != 0 }) / Double(bytes.count),
            columns: [.init("features", bytes: bytes)], labels: .init("labels", codes: classes, levels: names))
    }

    func load(_ source: DataSource, _ loading: Loading, progress: (Double) -> Void) throws(DataError) -> LoadedData {
        let split = source.split
        guard split.fold == nil else {
            throw .badSource("the digits have test examples of their own; folds are of a data file")
        }
        var plain = source
        (plain.task, plain.split.validation, plain.split.method) = (nil, nil, .random)
        guard plain == DataSource(train: DataSource.digits), source.task != .regression else {
            throw .badSource(DataSource.digitsAreComplete)
        }
        let (train, test) = Dataset.digits()
        guard case .bytes(_, let scale, let shift) = train.features,
            case .classes(let classes, let names) = train.targets
        else { throw .badSource("the digits are not as expected") }
        var dealt =
            split.method == .stratified
            ? Split(classes: classes, seed: loading.seed) : Split(count: train.count, seed: loading.seed)
        let validation = dealt.take(split.validation ?? 0)
        var data = LoadedData(
            train: validation.isEmpty ? train : train.rows(dealt.rest),
            test: test, validation: validation.isEmpty ? nil : train.rows(validation),
            preprocessing: Preprocessing(
                featureShape: train.featureShape, features: .uniform(scale: scale, shift: shift),
                target: .classes(names: names)))
        if let kept = loading.kept {
            data.keepsFeatures = kept.features && kept.preprocessing.features == data.preprocessing.features
        }
        return data
    }

    func readNewRows(
        _ wanted: NewRows, for preprocessing: Preprocessing, unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset {
        let test = Dataset.digits().test
        guard test.featureShape == preprocessing.featureShape else {
            throw .shapeDiffers(
                file: DataSource.digits, expected: preprocessing.featureShape, found: test.featureShape)
        }
        return test
    }

    func convert(_ source: DataSource, _ conversion: Conversion) throws {
        throw DataError.badSource("the digits are in the program; convert a file")
    }
}
