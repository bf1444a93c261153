import Batchwise

/// A file whose rows are examples of one kind of number: an array, sparse rows. (A table has columns of many kinds.)
protocol ExampleFile: DataFile, Sendable {
    var path: String { get }
    /// The number of examples.
    var count: Int { get }
    /// The shape of one example.
    var featureShape: [Int] { get }
    /// Whether some rows are held out for testing by default.
    var keepsTestRows: Bool { get }
    /// The axis that held the channels of images in the file, where it was the first; nil elsewhere.
    var channels: DataSource.ChannelAxis? { get }
    /// Notices to a person about how the file is read, a line each.
    var notices: [String] { get }

    /// The preprocessing of the features, fitted to these rows, or to all.
    func fitted(rows: RowList?, standardise: Bool) throws(DataError) -> Preprocessing.Features
    /// The features of all examples in the terms of a fitted model.
    func features(for preprocessing: Preprocessing) throws(DataError) -> Dataset.Features
    /// The targets of all examples, from these files of labels. Without any, files beside the examples are looked for.
    func target(labels: [String], _ formats: DataFormats) throws(DataError) -> RawTarget
}

extension ExampleFile {
    var channels: DataSource.ChannelAxis? { nil }
    var notices: [String] { [] }

    /// The files of labels that the recipe names.
    ///
    /// - Throws: `DataError.badSource` where it describes another kind of data.
    func labels(_ source: DataSource) throws(DataError) -> [String] {
        switch source.kind {
        case .automatic, .sparse: []
        case .arrays(let labels, let channels) where channels == nil || self is ArrayFile: labels.train
        case .arrays, .table, .database, .images, .imageList, .text: throw source.otherKind(path)
        }
    }

    func load(_ source: DataSource, _ loading: Loading, progress: (Double) -> Void) throws(DataError) -> LoadedData {
        let raw = try target(labels: DataSource.paths(try labels(source), in: loading.folder), loading.formats)
        let testFraction = source.test.isEmpty && keepsTestRows ? DataSource.defaultTestFraction : 0
        let reading = try raw.reading(asked: loading.task(raw, source))
        let parts = try source.parts(
            of: raw, as: reading.task, groups: nil, testFraction: source.split.test ?? testFraction, seed: loading.seed,
            mayHoldOut: loading.mayHoldOut && keepsTestRows)
        let fitted = try fitted(rows: parts.areUncut ? nil : parts.train, standardise: source.standardise)
        let kept = loading.kept?.features(inPlaceOf: fitted, shape: featureShape)
        let shape = kept == nil ? featureShape : loading.kept?.preprocessing.featureShape ?? featureShape
        let preprocessing = Preprocessing(
            featureShape: shape, features: kept ?? fitted,
            target: try loading.target(raw, as: reading.task, rows: parts.train), channels: channels)
        let all = try Dataset(
            count: count, featureShape: shape, features: try features(for: preprocessing),
            targets: try raw.targets(for: preprocessing.target))
        var data = try source.loaded(
            all, parts, test: try tests(source, loading, preprocessing), preprocessing, target: (raw, reading),
            notices: notices)
        data.keepsFeatures = kept != nil
        return data
    }

    /// The examples of the test files that the recipe names, or of the file of test images beside training images.
    private func tests(
        _ source: DataSource, _ loading: Loading, _ preprocessing: Preprocessing
    ) throws(DataError) -> Dataset? {
        var tests = DataSource.paths(source.test, in: loading.folder)
        if tests.isEmpty, source.split.test == nil, source.split.fold == nil,
            let path = try SiblingFiles.test(ofTraining: path)
        {
            tests = [path]
        }
        guard !tests.isEmpty else { return nil }
        var wanted = NewRows(needsTarget: true, memory: loading.memory, formats: loading.formats)
        if case .arrays(let labels, _) = source.kind {
            wanted.labels = DataSource.paths(labels.test, in: loading.folder)
        }
        return try preprocessing.load(newRows: tests, wanted)
    }

    func readNewRows(
        _ wanted: NewRows, for preprocessing: Preprocessing, unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset {
        let features = try features(for: preprocessing)
        let targets =
            wanted.needsTarget
            ? try target(labels: wanted.labels, wanted.formats).targets(for: preprocessing.target) : .none
        return try Dataset(
            count: count, featureShape: preprocessing.featureShape, features: features, targets: targets)
    }
}
