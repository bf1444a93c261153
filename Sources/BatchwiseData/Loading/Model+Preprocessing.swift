import Batchwise
import Foundation

extension Model {
    /// The preprocessing that turns raw rows into features and outputs into results; nil where a program does that
    /// itself.
    ///
    /// Throws `DataError.badPreprocessing` where the saved text is damaged.
    public var preprocessing: Preprocessing? {
        get throws(DataError) {
            guard let note = notes[Self.preprocessingNote] else { return nil }
            guard let preprocessing = try? JSONDecoder().decode(Preprocessing.self, from: Data(note.utf8)) else {
                throw .badPreprocessing("it cannot be read")
            }
            try preprocessing.check()
            return preprocessing
        }
    }

    /// Saves the preprocessing with the model.
    public mutating func keep(_ preprocessing: Preprocessing) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        notes[Self.preprocessingNote] = String(decoding: try encoder.encode(preprocessing), as: UTF8.self)
    }
}
