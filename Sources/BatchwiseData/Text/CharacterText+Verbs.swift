import Batchwise

extension CharacterText {
    /// Opens any file where a window is given, and prose where nothing says of what kind the data are.
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes else { return nil }
        if let window = reading.window { return try of(bytes, window: window) }
        guard reading.findsText, try PlainText.isIn(file) else { return nil }
        var text = try of(bytes, window: usualWindow)
        text.notices.append(
            "\(file.path) is read as plain text: the next character is learned from the \(usualWindow) before it; "
                + "data.window chooses another number, and data.target reads a table")
        return text
    }

    /// Reads the text as UTF-8, or as Windows-1252 where it is none.
    private static func of(_ bytes: ByteSource, window: Int) throws(DataError) -> CharacterText {
        do throws(DataError) {
            return try CharacterText(bytes, window: window)
        } catch {
            guard case .notText = error, bytes.encoding == nil,
                let foreign = try ForeignText(ByteSource(path: bytes.path))
            else { throw error }
            let encoding = try foreign.encoding(file: bytes.path)
            var text = try CharacterText(ByteSource(path: bytes.path).inUTF8(from: encoding), window: window)
            text.notices.append(foreign.notice(file: bytes.path))
            return text
        }
    }

    /// The characters, the most frequent first.
    func describe(labels: String?) throws(DataError) -> DataDescription {
        var counts: [Unicode.Scalar: Int] = [:]
        for character in characters { counts[character, default: 0] += 1 }
        let shares = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { DataDescription.Share(name: Self.className(String($0.key)), count: $0.value) }
        var description = DataDescription(
            format: .text, rows: count, shape: [window],
            columns: [.init(name: "character", missing: 0, content: .texts(shares))])
        description.notices = notices
        return description
    }

    /// The END of the text is held out for testing, and the part before it for validation. Random windows would overlap
    /// with those of training, and the model would be tested on text that it has seen.
    ///
    /// The vocabulary is that of the whole text: a character of the end alone is an example that the model gets wrong.
    func load(_ source: DataSource, _ loading: Loading, progress: (Double) -> Void) throws(DataError) -> LoadedData {
        guard source.task != .regression else {
            throw .badSource("data.window is for plain text, whose next character is a class: remove data.task")
        }
        guard source.split.fold == nil else {
            throw .badSource("the end of a plain text is what is tested: remove the folds")
        }
        let fraction = source.split.test ?? (source.test.isEmpty ? DataSource.defaultTestFraction : 0)
        let testCount = Int((fraction * Double(count)).rounded())
        let validationCount = Int(((source.split.validation ?? 0) * Double(count)).rounded())
        let trainCount = count - testCount - validationCount
        guard trainCount > 0 else {
            throw .badSource(
                "data.split keeps \(testCount + validationCount) of \(count) examples, which leaves none to train with")
        }
        var vocabulary = try vocabulary()
        var keeps = false
        if let kept = loading.kept, kept.features, case .characters(let known) = kept.preprocessing.features,
            kept.preprocessing.featureShape == [window], Set(known).isSuperset(of: vocabulary)
        {
            (vocabulary, keeps) = (known, true)
        }
        let preprocessing = Preprocessing(
            featureShape: [window], features: .characters(vocabulary),
            target: .classes(names: vocabulary.map(Self.className)))
        func examples(_ range: Range<Int>) throws(DataError) -> Dataset? {
            range.isEmpty ? nil : try dataset(range, vocabulary: vocabulary, needsTarget: true)
        }
        var test = try examples(count - testCount..<count)
        if !source.test.isEmpty {
            let wanted = NewRows(needsTarget: true, formats: loading.formats)
            test = try preprocessing.load(newRows: DataSource.paths(source.test, in: loading.folder), wanted)
        }
        var data = LoadedData(
            train: try dataset(0..<trainCount, vocabulary: vocabulary, needsTarget: true), test: test,
            validation: try examples(trainCount..<count - testCount), preprocessing: preprocessing,
            notices: notices)
        data.keepsFeatures = keeps
        return data
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
