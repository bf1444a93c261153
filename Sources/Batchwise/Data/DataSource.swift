/// The data of a recipe: which files, which column is the target, what is kept for testing.
///
/// ```yaml
/// data: digits
/// data: {train: mnist/train-images-idx3-ubyte.gz}
/// data: {train: mushrooms.svm, test: mushrooms.test.svm}
/// data: {train: houses.csv, target: price, split: {test: 0.2}}
/// data: {train: "part-*.csv", test: [may.csv, june.csv], target: price}
/// ```
public struct DataSource: Equatable, Sendable {
    /// What a target is: classes, or amounts.
    public enum Task: String, Codable, CaseIterable, Sendable { case classification, regression }

    /// What a text file holds, where neither its name nor its first line tell.
    public enum Format: String, Codable, CaseIterable, Sendable { case csv, libsvm }

    /// The name of the bundled data set.
    public static let digits = "digits"

    /// The part of a table that is kept for testing where nothing is said.
    public static let defaultTestFraction = 0.2

    /// Files that continue those which the source names, in this order, as one: a recipe may have lists.
    public struct Continuation: Equatable, Sendable {
        public var train: [String] = []
        public var labels: [String] = []
        public var test: [String] = []
        public var testLabels: [String] = []

        /// Nothing.
        public init() {}
    }

    /// A path, a pattern of files such as `part-*.csv` that are read as one in the order of their names, or `digits`.
    public var train: String
    /// More files of each kind.
    public var continued = Continuation()
    /// nil finds out.
    public var format: Format?
    /// The labels of an IDX or NPY file; nil looks for the `labels-idx1` beside an `images-idx3`.
    public var labels: String?
    /// A file of test examples; nil splits a table, and looks for the `t10k-images` beside `train-images`.
    public var test: String?
    public var testLabels: String?
    /// A column's name, or its number from 1.
    public var target: String?
    /// The part of the training file kept for testing, below 1; nil: `defaultTestFraction` of a table or LIBSVM file
    /// without test file, else nothing.
    public var testFraction: Double?
    /// Whether a table's first row names the columns; nil finds out.
    public var header: Bool?
    /// The column of example weights, by name or number.
    public var weights: String?
    /// Columns that are not learnt from, by name or number.
    public var ignore: [String]
    /// nil decides by the target: texts, booleans, integer labels and whole numbers of at most 20 values are classes.
    public var task: Task?
    /// Whether features get mean 0 and deviation 1; false leaves numbers as they are, for ids.
    public var standardise: Bool

    /// Only `train` must be said.
    public init(
        train: String, format: Format? = nil, labels: String? = nil, test: String? = nil, testLabels: String? = nil,
        target: String? = nil,
        testFraction: Double? = nil, header: Bool? = nil, weights: String? = nil, ignore: [String] = [],
        task: Task? = nil, standardise: Bool = true
    ) {
        self.train = train
        self.format = format
        self.labels = labels
        self.test = test
        self.testLabels = testLabels
        self.target = target
        self.testFraction = testFraction
        self.header = header
        self.weights = weights
        self.ignore = ignore
        self.task = task
        self.standardise = standardise
    }
}

/// Data ready for training.
public struct LoadedData: Sendable {
    public let train: Dataset
    /// nil when nothing is kept for testing.
    public let test: Dataset?
    /// What reads further examples as these were read.
    public let preprocessing: Preprocessing

    /// Data that a program has made itself.
    public init(train: Dataset, test: Dataset?, preprocessing: Preprocessing) {
        self.train = train
        self.test = test
        self.preprocessing = preprocessing
    }
}
