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

    /// Data that a program has made itself.
    public init(
        train: Dataset, test: Dataset?, validation: Dataset? = nil, preprocessing: Preprocessing,
        notices: [String] = []
    ) {
        self.train = train
        self.test = test
        self.validation = validation
        self.preprocessing = preprocessing
        self.notices = notices
    }
}
