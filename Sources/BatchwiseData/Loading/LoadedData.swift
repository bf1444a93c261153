import Batchwise

/// Data that has been read from files and is ready for training.
public struct LoadedData: Sendable {
    /// The examples of training.
    public let train: Dataset
    /// The examples of the test; nil when none are held out.
    public let test: Dataset?
    /// The examples of validation, evaluated after every epoch; nil when none are held out.
    public let validation: Dataset?
    /// The preprocessing that was fitted to the training examples; it reads new rows in the same way.
    public let preprocessing: Preprocessing
    /// Notices to a person about how the files were read, a line each.
    public let notices: [String]
    /// A line that says what is learnt, how it was taken, and the key that changes it; nil where a program has made the
    /// data itself.
    public internal(set) var targetReading: String?
    /// The part of the examples that was held out for validation because the recipe left it open; nil where it did not.
    package let heldOut: Double?
    /// Whether the features are those of a saved model that goes on with the data.
    package var keepsFeatures = false
    /// Why they are not, where that can be said.
    package var fittedAnew: String?
    /// The rows of the source that the training examples are, from 0; nil where a program has made them itself.
    package var trainRows: RowList?
    /// The files of the training examples, where each has one.
    package var trainFiles: [String]?
    /// The columns of a table that nothing is learnt from.
    package var leftOut: [LeftOutColumn] = []

    /// Data that a program has made itself.
    public init(
        train: Dataset, test: Dataset?, validation: Dataset? = nil, preprocessing: Preprocessing,
        notices: [String] = []
    ) {
        self.init(
            train: train, test: test, validation: validation, preprocessing: preprocessing, notices: notices,
            heldOut: nil)
    }

    package init(
        train: Dataset, test: Dataset?, validation: Dataset?, preprocessing: Preprocessing, notices: [String],
        heldOut: Double?
    ) {
        self.train = train
        self.test = test
        self.validation = validation
        self.preprocessing = preprocessing
        self.notices = notices
        self.heldOut = heldOut
    }

    /// The same data with more notices.
    package func adding(_ more: [String]) -> LoadedData {
        var data = LoadedData(
            train: train, test: test, validation: validation, preprocessing: preprocessing, notices: notices + more,
            heldOut: heldOut)
        (data.trainRows, data.trainFiles, data.targetReading) = (trainRows, trainFiles, targetReading)
        data.leftOut = leftOut
        (data.keepsFeatures, data.fittedAnew) = (keepsFeatures, fittedAnew)
        return data
    }
}

/// A column of a table that is no feature, and neither target, weights nor group.
package struct LeftOutColumn: Equatable, Sendable {
    package let name: String
    /// The key of the recipe that leaves it out, or where its reason is told.
    package let reason: String
}
