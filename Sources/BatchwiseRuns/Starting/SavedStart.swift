import Batchwise
import BatchwiseData
import Foundations

/// The saved model that a run begins with, read from its file.
struct SavedStart {
    /// The model file; of a run that is not finished, its newest checkpoint.
    let file: String
    let parameters: SavedParameters
    /// The preprocessing of the saved model; nil for a file of another program.
    let preprocessing: Preprocessing?
    let notices: [String]

    /// Reads the file, which must be the one that the recipe was completed with.
    ///
    /// - Throws: `RunError`, `FileError` or `DataError` where there is no model, or it is damaged; `RunError.otherStart`
    ///   where it is another one.
    init(_ start: StartingModel) throws {
        let place = try SavedModel.place(start.path)
        file = place.file
        notices = place.notices
        let saved = try readSaved(file) { [file] in try SavedParameters(contentsOf: file) }
        if let wanted = start.sha256, let found = saved.sha256, wanted != found {
            throw RunError.otherStart(file, expected: wanted, found: found)
        }
        parameters = saved
        preprocessing = try readSaved(file) { try saved.model?.preprocessing }
    }

    /// Whether the outputs of a model for these data mean something else than those of the saved model; false where it is
    /// not known what they mean.
    func headIsNew(for data: LoadedData) -> Bool {
        guard let preprocessing else { return false }
        if case .table(let old) = preprocessing.features, case .table(let new) = data.preprocessing.features,
            old.targets.map(\.name) != new.targets.map(\.name)
        {
            return true
        }
        return switch (preprocessing.target, data.preprocessing.target) {
        case (.classes(let old), .classes(let new)): old != new
        case (.regression(let old, _), .regression(let new, _)): old.count != new.count
        case (.none, _): false
        default: true
        }
    }
}
