import Batchwise
extension DataSource {
    /// Reads a text whose next character is to be learnt. The END of the text is kept for testing, not random windows: those
    /// overlap, and the model would be tested on what it has seen.
    func loadCharacters(window: Int, folder: String) throws(DataError) -> LoadedData {
        guard target == nil, weights == nil, header == nil, ignore.isEmpty, labels == nil, testLabels == nil,
            table == nil, query == nil, format == nil, task != .regression
        else {
            throw .badSource(
                "data.window is for plain text, whose next character is the target: remove target, labels, weights, "
                    + "header, ignore, table, query, format and task")
        }
        let text = try CharacterText(try ByteSource(path: Self.path(train, in: folder)), window: window)
        let fraction = testFraction ?? (test == nil ? Self.defaultTestFraction : 0)
        let testCount = Int((fraction * Double(text.count)).rounded())
        let trainCount = text.count - testCount
        guard trainCount > 0 else {
            throw .badSource(
                "data.split.test is \(fraction), which leaves none of \(text.count) examples to train with")
        }
        let vocabulary = try text.vocabulary(ofFirst: trainCount)
        let preprocessing = Preprocessing(
            featureShape: [window], features: .characters(vocabulary),
            target: .classes(names: vocabulary.map(CharacterText.className)))
        let training = try text.dataset(0..<trainCount, vocabulary: vocabulary, needsTarget: true)
        var testSet: Dataset?
        if let test {
            testSet = try preprocessing.load(newRows: Self.path(test, in: folder), needsTarget: true)
        } else if testCount > 0 {
            testSet = try text.dataset(trainCount..<text.count, vocabulary: vocabulary, needsTarget: true)
        }
        return LoadedData(train: training, test: testSet, preprocessing: preprocessing)
    }
}

extension Preprocessing {
    /// Reads a text as the model's own was read. Without targets the character after its end is predicted too.
    func characters(_ path: String, _ vocabulary: [String], needsTarget: Bool) throws(DataError) -> Dataset {
        let text = try CharacterText(try ByteSource(path: path), window: featureShape[0])
        return try text.dataset(
            0..<(text.count + (needsTarget ? 0 : 1)), vocabulary: vocabulary, needsTarget: needsTarget)
    }
}
