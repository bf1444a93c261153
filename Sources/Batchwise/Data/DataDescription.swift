/// What a data file holds: how many examples, and of every column its type, its range or its texts, and what is missing.
///
/// ```swift
/// let description = try DataDescription(of: "houses.csv")
/// for column in description.columns { print(column.name, column.missing) }
/// ```
public struct DataDescription: Equatable, Sendable {
    /// How often a text or a class occurs.
    public struct Share: Equatable, Sendable {
        public let name: String
        public let count: Int
    }

    /// What stands in a column.
    public enum Content: Equatable, Sendable {
        /// Numbers; `distinct` is nil beyond 1000 different ones.
        case numbers(smallest: Double, largest: Double, mean: Double, deviation: Double, distinct: Int?)
        /// Texts, the most frequent first.
        case texts([Share])
        /// No value at all.
        case nothing
    }

    /// Numbers in a column of texts: a slip in a column of numbers makes all of it texts.
    public struct Mixture: Equatable, Sendable {
        /// How many cells hold a number.
        public let numbers: Int
        /// The first cell that holds none, and its line.
        public let firstText: String
        public let line: Int
    }

    /// A column of a table, the numbers of an array, or the labels of examples.
    public struct Column: Equatable, Sendable {
        public let name: String
        public let missing: Int
        public let content: Content
        /// nil where no text is a number.
        public var mixture: Mixture?
    }

    /// CSV, LIBSVM, or an array (IDX, NPY).
    public enum Format: String, Sendable {
        case csv = "CSV"
        case libsvm = "LIBSVM"
        case array
    }

    public let format: Format
    /// The number of examples.
    public let rows: Int
    /// The shape of one example: the number of columns of a table.
    public let shape: [Int]
    /// Whether the first row of a table names the columns; nil for other formats.
    public let hasHeader: Bool?
    /// The part of the numbers that are not zero; nil for tables.
    public let density: Double?
    /// The columns of a table; for other formats all features as one.
    public let columns: [Column]
    /// The labels that belong to an array or sparse rows, where they are found; classes when there are few whole numbers.
    public let labels: Column?

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: a CSV, LIBSVM, IDX or NPY file, or `digits` for the bundled training digits.
    ///   - format: what the file's text is; nil finds out.
    ///   - header: whether a table's first row names the columns; nil finds out.
    ///   - labels: the labels of an array; nil looks for the sibling of a file named as MNIST's are.
    public init(
        of path: String, format: DataSource.Format? = nil, header: Bool? = nil, labels: String? = nil
    ) throws(DataError) {
        if path == DataSource.digits {
            self.init(Dataset.digits().train)
            return
        }
        switch try DataFile(path: path, format: format, header: header) {
        case .table(let csv):
            self.init(try csv.table(), hasHeader: csv.hasHeader, comma: CSV.comma(csv.delimiter))
        case .sparse(let rows):
            let features = Column("features", rows.values.lazy.map(Double.init))
            self.init(.libsvm, rows, nonZero: rows.values.count, features, try rows.target(labels: labels))
        case .array(let array):
            let examples = try ArrayExamples(array, file: path)
            let hasLabels = labels != nil || SiblingFiles.labels(ofImages: path) != nil
            self.init(
                .array, examples, nonZero: array.nonZeroCount, array.described,
                hasLabels ? try examples.target(labels: labels) : nil)
        }
    }

    /// The bundled digits.
    private init(_ digits: Dataset) {
        guard case .bytes(let bytes, _, _) = digits.features, case .classes(let classes, let names) = digits.targets
        else {
            preconditionFailure("the digits are bytes of ten classes")
        }
        format = .array
        rows = digits.count
        shape = digits.featureShape
        hasHeader = nil
        density = Double(bytes.count { $0 != 0 }) / Double(bytes.count)
        columns = [Column("features", bytes: bytes)]
        labels = Column("labels", codes: classes, levels: names)
    }

    private init(_ table: Table, hasHeader: Bool, comma: CSVNumber.Comma) {
        format = .csv
        rows = table.rowCount
        shape = [table.columns.count]
        self.hasHeader = hasHeader
        density = nil
        columns = table.columns.map { column in
            var description = Column(column)
            description.mixture = Mixture(column, in: table, comma: comma)
            return description
        }
        labels = nil
    }

    private init(
        _ format: Format, _ examples: some ExampleFile, nonZero: Int, _ features: Column, _ target: RawTarget?
    ) {
        self.format = format
        rows = examples.count
        shape = examples.featureShape
        hasHeader = nil
        density = Double(nonZero) / Double(examples.count * shape.reduce(1, *))
        columns = [features]
        labels = target.map(Column.init)
    }
}

extension DataDescription.Mixture {
    fileprivate init?(_ column: Table.Column, in table: Table, comma: CSVNumber.Comma) {
        guard case .categorical(let codes, let levels) = column.values else { return nil }
        let areNumbers = levels.map { level in
            let bytes = Array(level.utf8)
            return CSVNumber.parse(bytes, bytes.indices, comma: comma) != nil
        }
        numbers = codes.count { $0 >= 0 && areNumbers[Int($0)] }
        guard numbers > 0, let row = codes.firstIndex(where: { $0 >= 0 && !areNumbers[Int($0)] }) else { return nil }
        firstText = levels[Int(codes[row])]
        line = table.line(row)
    }
}

extension DataDescription.Column {
    fileprivate init(_ column: Table.Column) {
        switch column.values {
        case .numeric(let numbers): self.init(column.name, numbers)
        case .categorical(let codes, let levels): self.init(column.name, codes: codes, levels: levels)
        case .skipped: self.init(name: column.name, missing: 0, content: .nothing)
        }
    }

    /// Numbers of which NaN are missing.
    fileprivate init(_ name: String, _ numbers: some Collection<Double>) {
        var (count, smallest, largest, sum) = (0, Double.infinity, -Double.infinity, 0.0)
        var distinct: Set<Double> = []
        for number in numbers where !number.isNaN {
            count += 1
            sum += number
            (smallest, largest) = (min(smallest, number), max(largest, number))
            if distinct.count <= 1000 { distinct.insert(number) }
        }
        self.name = name
        missing = numbers.count - count
        guard count > 0 else {
            content = .nothing
            return
        }
        let mean = sum / Double(count)
        let squares = numbers.reduce(0) { $1.isNaN ? $0 : $0 + ($1 - mean) * ($1 - mean) }
        content = .numbers(
            smallest: smallest, largest: largest, mean: smallest == largest ? smallest : mean,
            deviation: smallest == largest ? 0 : (squares / Double(count)).squareRoot(),
            distinct: distinct.count > 1000 ? nil : distinct.count)
    }

    /// Bytes, by how often each occurs.
    fileprivate init(_ name: String, bytes: [UInt8]) {
        let counts = Moments.counts(bytes, width: bytes.count, rows: nil)
        let present = counts.indices.filter { counts[$0] > 0 }
        let moments = Moments(counts: counts)
        self.name = name
        missing = 0
        guard let smallest = present.first, let largest = present.last else {
            content = .nothing
            return
        }
        content = .numbers(
            smallest: Double(smallest), largest: Double(largest), mean: moments.mean,
            deviation: smallest == largest ? 0 : moments.deviation, distinct: present.count)
    }

    fileprivate init(_ name: String, codes: [Int32], levels: [String]) {
        var counts = [Int](repeating: 0, count: levels.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        let order = levels.indices.sorted { (counts[$1], levels[$0]) < (counts[$0], levels[$1]) }
        self.name = name
        missing = codes.count { $0 < 0 }
        content = .texts(order.map { DataDescription.Share(name: levels[$0], count: counts[$0]) })
    }

    /// Labels: classes with their counts, or amounts.
    fileprivate init(_ target: RawTarget) {
        switch target.values {
        case .texts(let codes, let levels): self.init("labels", codes: codes, levels: levels)
        case .numbers(let numbers):
            guard target.task == .classification,
                let fitted = try? target.fitted(as: .classification, rows: []),
                case .classes(let classes, let names) = try? target.targets(for: fitted)
            else {
                self.init("labels", numbers)
                return
            }
            self.init("labels", codes: classes, levels: names)
        }
    }
}

extension NumericArray {
    fileprivate var described: DataDescription.Column {
        switch storage {
        case .bytes(let values), .booleans(let values): .init("features", bytes: values)
        case .integers(let values): .init("features", values.lazy.map(Double.init))
        case .floats(let values): .init("features", values.lazy.map(Double.init))
        case .doubles(let values): .init("features", values)
        }
    }

    fileprivate var nonZeroCount: Int {
        switch storage {
        case .bytes(let values), .booleans(let values): values.count { $0 != 0 }
        case .integers(let values): values.count { $0 != 0 }
        case .floats(let values): values.count { $0 != 0 }
        case .doubles(let values): values.count { $0 != 0 }
        }
    }
}
