import Batchwise

extension CharacterText {
    /// Opens any file where a window is given.
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let window = reading.window, let bytes = file.bytes else { return nil }
        return try CharacterText(bytes, window: window)
    }

    func describe(labels: String?) throws(DataError) -> DataDescription {
        throw .unsupported(file: path, detail: "is plain text, which has no columns to describe")
    }

    /// The END of the text is held out for testing. Random windows would overlap with those of training, and the model
    /// would be tested on text that it has seen.
    func load(_ source: DataSource, _ loading: Loading, progress: (Double) -> Void) throws(DataError) -> LoadedData {
        guard source.task != .regression else {
            throw .badSource("data.window is for plain text, whose next character is a class: remove data.task")
        }
        let fraction = source.split.test ?? (source.test.isEmpty ? DataSource.defaultTestFraction : 0)
        let testCount = Int((fraction * Double(count)).rounded())
        let trainCount = count - testCount
        guard trainCount > 0 else {
            throw .badSource("data.split.test is \(fraction), which leaves none of \(count) examples to train with")
        }
        let vocabulary = try vocabulary(ofFirst: trainCount)
        let preprocessing = Preprocessing(
            featureShape: [window], features: .characters(vocabulary),
            target: .classes(names: vocabulary.map(Self.className)))
        let training = try dataset(0..<trainCount, vocabulary: vocabulary, needsTarget: true)
        var testSet: Dataset?
        if !source.test.isEmpty {
            let wanted = NewRows(needsTarget: true, formats: loading.formats)
            testSet = try preprocessing.load(newRows: DataSource.paths(source.test, in: loading.folder), wanted)
        } else if testCount > 0 {
            testSet = try dataset(trainCount..<count, vocabulary: vocabulary, needsTarget: true)
        }
        return LoadedData(train: training, test: testSet, preprocessing: preprocessing)
    }

    /// Without targets, the character after the end of the text is predicted too.
    func readNewRows(
        _ wanted: NewRows, for preprocessing: Preprocessing, unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset {
        guard case .characters(let vocabulary) = preprocessing.features else {
            throw preprocessing.otherKind(path, "is plain text")
        }
        return try dataset(
            0..<(count + (wanted.needsTarget ? 0 : 1)), vocabulary: vocabulary, needsTarget: wanted.needsTarget)
    }

    func convert(_ source: DataSource, _ conversion: Conversion) throws {
        throw DataError.badSource("plain text is not converted; train from the text itself")
    }
}
