import Batchwise

/// The content of a data file: the number of examples, and for every column its type, its range or texts, and missing
/// values.
///
/// ```swift
/// let description = try DataDescription(of: "houses.csv")
/// for column in description.columns { print(column.name, column.missing) }
/// ```
public struct DataDescription: Equatable, Sendable {
    /// A text or class of a column, and the number of rows that have it.
    public struct Share: Equatable, Sendable {
        /// The text, or the name of the class.
        public let name: String
        /// The number of rows that have it.
        public let count: Int
    }

    /// The values of a column.
    public enum Content: Equatable, Sendable {
        /// Numbers; `distinct` is nil beyond 1000 different ones.
        case numbers(smallest: Double, largest: Double, mean: Double, deviation: Double, distinct: Int?)
        /// Dates and times, as seconds since the beginning of 1970 in UTC.
        case dates(earliest: Double, latest: Double, distinct: Int?)
        /// Texts, the most frequent first.
        case texts([Share])
        /// No value at all.
        case nothing
    }

    /// The numbers in a column of texts. One mistyped cell turns a column of numbers into a column of texts.
    public struct Mixture: Equatable, Sendable {
        /// The number of cells that hold a number.
        public let numbers: Int
        /// The first cell that is no number.
        public let firstText: String
        /// The line of that cell, counted from 1.
        public let line: Int
    }

    /// A column of a table, the numbers of an array, or the labels of examples.
    public struct Column: Equatable, Sendable {
        /// The name of the column; of an array, what its numbers are.
        public let name: String
        /// The number of rows without a value.
        public let missing: Int
        /// The values of the column, in summary.
        public let content: Content
        /// The shape of an array of an NPZ file; nil elsewhere.
        public internal(set) var shape: [Int]? = nil
        /// The numbers among the texts of the column; nil where no text is a number.
        public var mixture: Mixture?
    }

    /// The format of a data file.
    public enum Format: String, Sendable {
        /// A table as text, of any separator.
        case csv = "CSV"
        /// Rows that are objects of JSON.
        case json = "JSON"
        /// A table of Weka's.
        case arff = "ARFF"
        /// A sheet of an Excel workbook.
        case xlsx = "XLSX"
        /// Sparse rows as LIBSVM text.
        case libsvm = "LIBSVM"
        /// A table of an SQLite database.
        case sqlite = "SQLite"
        /// A Parquet file, or several.
        case parquet = "Parquet"
        /// An IDX or NPY file of one array.
        case array
        /// An NPZ file of several arrays.
        case npz = "NPZ"
        /// A folder of images.
        case images
        /// Plain text, whose next character is learned.
        case text
    }

    /// The format of the file.
    public let format: Format
    /// The number of examples; 0 for an NPZ file.
    public let rows: Int
    /// The shape of one example: the number of columns of a table; empty for an NPZ file.
    public let shape: [Int]
    /// Whether the first row of a table names the columns; nil for other formats.
    public let hasHeader: Bool?
    /// The share of the numbers that are not zero; nil for tables, NPZ files and images.
    public let density: Double?
    /// The columns of a table, the arrays of an NPZ file, the sizes and channels of images; for other formats one
    /// column of all features.
    public let columns: [Column]
    /// The labels of an array or of sparse rows, where there are any; they are classes where they are few whole
    /// numbers.
    public let labels: Column?
    /// The number of files in a folder of images that are no images; nil for other formats.
    public let skipped: Int?
    /// Notices to a person about how the file and its rows are read, a line each.
    public var notices: [String] = []

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: a CSV, JSON, ARFF, XLSX, Parquet, LIBSVM, IDX, NPY, NPZ, SQLite or plain text file, a pattern of several,
    ///     `arrays.npz:name`, `book.xlsx:Sheet`, a folder of
    ///     images or of converted data, or `digits` for the bundled training digits.
    ///   - format: the format of a text file; nil finds out.
    ///   - header: whether a table's first row names the columns; nil finds out.
    ///   - badLines: the treatment of lines of a table of text that cannot be read as they stand.
    ///   - form: the encoding, separator and quotes of a table of text, as far as they are said.
    ///   - labels: the labels of an array; nil looks for the sibling of a file named as MNIST's are.
    ///   - rows: which rows of a database; nil takes its only table.
    public init(
        of path: String, format: DataSource.Format? = nil, header: Bool? = nil,
        badLines: DataSource.BadLines = .refuse, form: DataSource.TextForm = DataSource.TextForm(),
        labels: String? = nil, rows: DatabaseRows? = nil
    ) throws(DataError) {
        var reading = Reading(format: format, header: header, badLines: badLines, form: form, rows: rows)
        reading.findsText = format == nil && header == nil && rows == nil && form == DataSource.TextForm()
        reading.memory = DataSource.usualMemory
        self = try reading.formats.open([path], reading).describe(labels: labels)
    }

    init(
        format: Format, rows: Int, shape: [Int], hasHeader: Bool? = nil, density: Double? = nil, columns: [Column],
        labels: Column? = nil, skipped: Int? = nil, notices: [String] = []
    ) {
        self.format = format
        self.rows = rows
        self.shape = shape
        self.hasHeader = hasHeader
        self.density = density
        self.columns = columns
        self.labels = labels
        self.skipped = skipped
        self.notices = notices
    }

    /// Describes examples of one kind of number.
    init(
        _ format: Format, _ examples: some ExampleFile, nonZero: Int, _ features: Column, _ target: RawTarget?
    ) {
        self.init(
            format: format, rows: examples.count, shape: examples.featureShape,
            density: Double(nonZero) / Double(examples.count * examples.featureShape.reduce(1, *)),
            columns: [features], labels: target.map(Column.init))
        notices = examples.notices
    }
}

extension DataDescription {
    /// Describes images, as far as their headers tell.
    init(images: ImageSet, headers: [ImageHeader]) {
        let shapes = headers.map(\.shape)
        let sizes = ImageShape.counted(shapes).map {
            Share(name: "\($0.size.height)x\($0.size.width)", count: $0.count)
        }
        let colour = shapes.count { $0.channels == 3 }
        let channels = [Share(name: "RGB", count: colour), Share(name: "gray", count: shapes.count - colour)]
            .filter { $0.count > 0 }
        self.init(
            format: .images, rows: shapes.count,
            shape: ImageShape.common(of: shapes, wanted: .init()).shape.dimensions,
            columns: [
                Column(name: "height x width", missing: 0, content: .texts(sizes)),
                Column(name: "channels", missing: 0, content: .texts(channels.sorted { $0.count > $1.count })),
            ],
            labels: images.target.map(Column.init), skipped: images.skipped)
        notices = [headers.turnedNotice].compactMap { $0 }
    }
}
