/// One initialiser for each kind of data.
extension DataSource {
    /// Files that show by their content what they hold: arrays with their labels beside them, LIBSVM text, a folder of
    /// images, `digits`.
    ///
    /// ```swift
    /// let data = try DataSource(train: "mnist/train-images-idx3-ubyte.gz").load(seed: 1)
    /// ```
    public init(
        train: String, format: Format? = nil, test: String? = nil, testFraction: Double? = nil,
        validationFraction: Double? = nil, splitMethod: Split.Method = .random, fold: Split.Fold? = nil,
        classWeights: ClassWeights? = nil, task: Task? = nil, standardise: Bool = true
    ) {
        let kind: Kind =
            switch format {
            case nil: .automatic
            case .csv: .table(Columns(isCSV: true))
            case .libsvm: .sparse
            }
        self.init(
            train: [train], test: test.map { [$0] } ?? [], kind: kind,
            split: Holdout(test: testFraction, validation: validationFraction, method: splitMethod, fold: fold),
            classWeights: classWeights, task: task, standardise: standardise)
    }

    /// A table: CSV, the only table of a database, or a converted table.
    ///
    /// ```swift
    /// let data = DataSource(train: "houses.csv", target: "price", ignore: ["id"])
    /// ```
    public init(
        train: String, test: String? = nil, target: String, testFraction: Double? = nil,
        validationFraction: Double? = nil, splitMethod: Split.Method = .random, group: String? = nil,
        fold: Split.Fold? = nil, header: Bool? = nil, weights: String? = nil, ignore: [String] = [],
        columns: [String: ColumnRule] = [:], classWeights: ClassWeights? = nil, task: Task? = nil,
        standardise: Bool = true
    ) {
        let columns = Columns(
            target: target, weights: weights, group: group, ignore: ignore, rules: columns, header: header)
        self.init(
            train: [train], test: test.map { [$0] } ?? [], kind: .table(columns),
            split: Holdout(test: testFraction, validation: validationFraction, method: splitMethod, fold: fold),
            classWeights: classWeights, task: task, standardise: standardise)
    }

    /// Rows of a database: those of a table or view, or of a SELECT statement.
    public init(
        train: String, test: String? = nil, rows: DatabaseRows, target: String, testFraction: Double? = nil,
        validationFraction: Double? = nil, splitMethod: Split.Method = .random, group: String? = nil,
        fold: Split.Fold? = nil, weights: String? = nil, ignore: [String] = [], columns: [String: ColumnRule] = [:],
        classWeights: ClassWeights? = nil, task: Task? = nil, standardise: Bool = true
    ) {
        self.init(
            train: train, test: test, target: target, testFraction: testFraction,
            validationFraction: validationFraction, splitMethod: splitMethod, group: group, fold: fold,
            weights: weights, ignore: ignore, columns: columns, classWeights: classWeights, task: task,
            standardise: standardise)
        kind = .database(rows, self.columns)
    }

    /// IDX, NPY or NPZ arrays, whose labels are in files of their own.
    public init(
        train: String, labels: String, test: String? = nil, testLabels: String? = nil, testFraction: Double? = nil,
        validationFraction: Double? = nil, splitMethod: Split.Method = .random, fold: Split.Fold? = nil,
        classWeights: ClassWeights? = nil, task: Task? = nil, standardise: Bool = true, channels: ChannelAxis? = nil
    ) {
        self.init(
            train: train, test: test, testFraction: testFraction, validationFraction: validationFraction,
            splitMethod: splitMethod, fold: fold, classWeights: classWeights, task: task, standardise: standardise)
        kind = .arrays(Labels(train: [labels], test: testLabels.map { [$0] } ?? []), channels: channels)
    }

    /// Plain text, whose next character is learned from `window` characters before it.
    public init(train: String, window: Int, test: String? = nil, testFraction: Double? = nil) {
        self.init(train: train, test: test, testFraction: testFraction)
        kind = .text(window: window)
    }

    /// A folder of class folders of images, resized to a shape.
    public init(
        train: String, test: String? = nil, testFraction: Double? = nil, validationFraction: Double? = nil,
        splitMethod: Split.Method = .random, fold: Split.Fold? = nil, classWeights: ClassWeights? = nil,
        standardise: Bool = true, images: Images
    ) {
        self.init(
            train: train, test: test, testFraction: testFraction, validationFraction: validationFraction,
            splitMethod: splitMethod, fold: fold, classWeights: classWeights, standardise: standardise)
        kind = .images(images)
    }
}
