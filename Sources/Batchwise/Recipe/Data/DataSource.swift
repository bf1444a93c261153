/// The data of a recipe: its files, the columns that are learned, and the examples that are held out.
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
    /// The kind of target: classes, or amounts.
    public enum Task: String, Codable, CaseIterable, Sendable { case classification, regression }

    /// The format of a text file whose name and first line do not show it.
    public enum Format: String, Codable, CaseIterable, Sendable { case csv, libsvm }

    /// The kind of data, with the settings that only this kind has.
    public enum Kind: Equatable, Sendable {
        /// The content of the files shows what they hold.
        case automatic
        /// Columns of a table: CSV, the only table of a database, or a converted table.
        case table(Columns)
        /// Columns of the rows that are selected from a database.
        case database(DatabaseRows, Columns)
        /// IDX, NPY or NPZ arrays, whose labels are in files of their own; the axis of the channels of images is found
        /// by their shape where it is nil.
        case arrays(Labels, channels: ChannelAxis? = nil)
        /// LIBSVM text.
        case sparse
        /// A folder of class folders of images.
        case images(Images)
        /// A table of the paths of images.
        case imageList(ImageList)
        /// Plain text. The next character is learned from this many before it; the END of the text is held out.
        case text(window: Int)
    }

    /// The name of the bundled data set.
    public static let digits = "digits"

    /// The part of a table that is held out for testing by default.
    public static let defaultTestFraction = 0.2

    /// Bytes that features may take in memory by default; larger features are read when a batch needs them.
    public static let usualMemory = 512 << 20

    /// Files that are read as one, in this order: each a file, a pattern such as `part-*.csv`, a folder of class
    /// folders of images or of converted data, or `digits`.
    public var train: [String]
    /// The files of test examples. Empty: a table is split; `t10k-images` is looked for beside `train-images`.
    public var test: [String]
    /// The kind of data, with its settings.
    public var kind: Kind
    /// The training examples that are held out.
    public var split: Holdout
    /// The weight of the training examples of each class, a factor beside their own weights; nil: 1.
    public var classWeights: ClassWeights?
    /// The task; nil: texts, booleans, one-hot rows, two numbers, and whole numbers from 0 or 1 on with few gaps and
    /// several rows of each are classes, and all else are amounts.
    public var task: Task?
    /// Whether features are scaled to mean 0 and deviation 1; false leaves numbers as they are, for ids.
    public var standardise: Bool

    /// A data source with all its settings. The initialisers for one kind of data are shorter.
    public init(
        train: [String], test: [String] = [], kind: Kind, split: Holdout = Holdout(), classWeights: ClassWeights? = nil,
        task: Task? = nil, standardise: Bool = true
    ) {
        self.train = train
        self.test = test
        self.kind = kind
        self.split = split
        self.classWeights = classWeights
        self.task = task
        self.standardise = standardise
    }
}
