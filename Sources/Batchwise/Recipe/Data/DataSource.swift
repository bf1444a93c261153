/// The data of a recipe: which files, which column is the target, what is kept for testing.
///
/// ```yaml
/// data: digits
/// data: {train: mnist/train-images-idx3-ubyte.gz}
/// data: {train: mushrooms.svm, test: mushrooms.test.svm}
/// data: {train: houses.csv, target: price, split: {test: 0.2}}
/// data: {train: houses.sqlite, table: houses, target: price}
/// data: {train: mnist.npz}
/// data: {train: input.txt, window: 64}
/// data: {train: "arrays.npz:inputs", labels: "arrays.npz:outputs"}
/// data: {train: photos, size: [64, 64]}
/// data: {train: "part-*.csv", test: [may.csv, june.csv], target: price}
/// data: {train: houses.csv, target: price, columns: {income: log, city: {hash: 64}, id: ignore}}
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

    /// Bytes that features may take in memory where nothing is said; larger ones are read as they are needed.
    public static let usualMemory = 512 << 20

    /// Files that continue those which the source names, in this order, as one: a recipe may have lists.
    public struct Continuation: Equatable, Sendable {
        public var train: [String] = []
        public var labels: [String] = []
        public var test: [String] = []
        public var testLabels: [String] = []

        /// Nothing.
        public init() {}
    }

    /// A file, a pattern such as `part-*.csv` of several that are read as one in the order of their names, a folder of
    /// class folders of images or of converted data, or `digits`.
    public var train: String
    /// More files of each kind.
    public var continued = Continuation()
    /// nil finds out.
    public var format: Format?
    /// The labels of an IDX, NPY or NPZ file; nil looks for the `labels-idx1` beside an `images-idx3`, or `y` beside `x`.
    public var labels: String?
    /// A file of test examples; nil splits a table, and looks for the `t10k-images` beside `train-images`.
    public var test: String?
    public var testLabels: String?
    /// A table or view of a database; nil takes the only one.
    public var table: String?
    /// A SELECT statement, instead of a table.
    public var query: String?
    /// Learns the next character of a plain text from so many before it; the END of the text is kept for testing.
    public var window: Int?
    /// The columns to learn, each by its name or its number from 1; several are numbers to predict together.
    public var targets: [String]
    /// The part of the training file kept for testing, below 1; nil: `defaultTestFraction` of a table or LIBSVM file
    /// without test file, else nothing.
    public var testFraction: Double?
    /// The part of the training file that is not learnt from and looked at after every epoch; nil: nothing.
    public var validationFraction: Double?
    /// How rows are dealt out to the parts.
    public var splitMethod: Split.Method
    /// A column of which the rows with one text stay in one part, by name or number. It is not learnt from.
    public var group: String?
    /// What is kept for testing instead of `testFraction`: one part of a cross-validation.
    public var fold: Split.Fold?
    /// Whether a table's first row names the columns; nil finds out.
    public var header: Bool?
    /// The column of example weights, by name or number.
    public var weights: String?
    /// Columns that are not learnt from, by name or number.
    public var ignore: [String]
    /// What becomes of columns, by name or number; of the others the content decides.
    public var columns: [String: ColumnRule]
    /// What the training examples of each class count beside their own weights; nil: nothing.
    public var classWeights: ClassWeights?
    /// nil decides by the target: texts, booleans, integer labels and whole numbers of at most 20 values are classes.
    public var task: Task?
    /// Whether features get mean 0 and deviation 1; false leaves numbers as they are, for ids.
    public var standardise: Bool
    /// What is to be said of images.
    public var images: Images

    /// Only `train` must be said.
    public init(
        train: String, format: Format? = nil, labels: String? = nil, test: String? = nil, testLabels: String? = nil,
        table: String? = nil, query: String? = nil, window: Int? = nil, target: String? = nil,
        testFraction: Double? = nil, validationFraction: Double? = nil, splitMethod: Split.Method = .random,
        group: String? = nil, fold: Split.Fold? = nil, header: Bool? = nil, weights: String? = nil,
        ignore: [String] = [], columns: [String: ColumnRule] = [:], classWeights: ClassWeights? = nil,
        task: Task? = nil, standardise: Bool = true, images: Images = Images()
    ) {
        self.train = train
        self.format = format
        self.labels = labels
        self.test = test
        self.testLabels = testLabels
        self.table = table
        self.query = query
        self.window = window
        targets = target.map { [$0] } ?? []
        self.testFraction = testFraction
        self.validationFraction = validationFraction
        self.splitMethod = splitMethod
        self.group = group
        self.fold = fold
        self.header = header
        self.weights = weights
        self.ignore = ignore
        self.columns = columns
        self.classWeights = classWeights
        self.task = task
        self.standardise = standardise
        self.images = images
    }

    /// The column to learn, the first where there are several.
    public var target: String? {
        get { targets.first }
        set { targets = newValue.map { [$0] } ?? [] }
    }
}
