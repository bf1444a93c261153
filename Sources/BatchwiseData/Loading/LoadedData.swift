import Batchwise

/// Data ready for training.
public struct LoadedData: Sendable {
    public let train: Dataset
    /// nil when nothing is kept for testing.
    public let test: Dataset?
    /// What is looked at after every epoch; nil when nothing is kept for that.
    public let validation: Dataset?
    /// What reads further examples as these were read.
    public let preprocessing: Preprocessing
    /// What a person should know of how it was read, a line each.
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
