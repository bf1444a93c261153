extension DataSource {
    /// The roles and rules of the columns of a table. A column is named, or numbered from 1.
    ///
    /// ```yaml
    /// data: {train: houses.csv, target: price, weights: area, ignore: [id, street], columns: {income: log}}
    /// ```
    public struct Columns: Equatable, Sendable {
        /// The columns to learn; several are numbers that are predicted together.
        public var targets: [String]
        /// The column of example weights.
        public var weights: String?
        /// A column whose equal texts stay in one part of the split. It is no feature.
        public var group: String?
        /// The columns that do not become features.
        public var ignore: [String]
        /// The rules by which columns become features; the content of a column decides where there is none.
        public var rules: [String: ColumnRule]
        /// Whether the first row names the columns; nil finds out.
        public var header: Bool?
        /// The treatment of lines that cannot be read as they stand.
        public var badLines: BadLines
        /// The sign of decimal places in numbers that do not show it; nil finds out, and gives a notice where it cannot.
        public var decimal: DecimalSign?
        /// The order of day and month in dates that do not show it; nil finds out, and gives a notice where it cannot.
        public var dates: DateOrder?
        /// The encoding, separator and quotes of a table of text, as far as they are said.
        public var form: TextForm
        /// Whether text is read as CSV even where its first line looks like LIBSVM.
        public var isCSV: Bool

        /// The roles of columns. All have defaults, but training needs a target.
        public init(
            target: String? = nil, weights: String? = nil, group: String? = nil, ignore: [String] = [],
            rules: [String: ColumnRule] = [:], header: Bool? = nil, badLines: BadLines = .refuse,
            decimal: DecimalSign? = nil, dates: DateOrder? = nil, form: TextForm = TextForm(), isCSV: Bool = false
        ) {
            targets = target.map { [$0] } ?? []
            self.weights = weights
            self.group = group
            self.ignore = ignore
            self.rules = rules
            self.header = header
            self.badLines = badLines
            self.decimal = decimal
            self.dates = dates
            self.form = form
            self.isCSV = isCSV
        }

        /// The column to learn, the first of several.
        public var target: String? {
            get { targets.first }
            set { targets = newValue.map { [$0] } ?? [] }
        }
    }

    /// The columns of a table or database; none of another kind. Setting them makes the source a table, or leaves it a
    /// database.
    public var columns: Columns {
        get {
            switch kind {
            case .table(let columns), .database(_, let columns): columns
            case .automatic, .arrays, .sparse, .images, .imageList, .text: Columns()
            }
        }
        set {
            if case .database(let rows, _) = kind {
                kind = .database(rows, newValue)
            } else {
                kind = .table(newValue)
            }
        }
    }
}
