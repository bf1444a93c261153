import Batchwise

/// A format of data files: how a file is recognised and opened.
///
/// A new format is one file with a type that conforms, and one entry of `DataFormats.standard`. It opens a `TableFile`
/// where rows have columns of many kinds, an `ArrayFile` where they are numbers of one kind, or a `DataFile` of its
/// own. The first two have all four verbs.
package protocol DataFormat: SendableMetatype {
    /// Opens the file where it is of this format; nil where it is of another.
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)?
}

/// Data files that have been opened, with the four verbs: describe, load, read new rows, convert.
package protocol DataFile {
    /// Appends the examples of another file, which is read after this one.
    mutating func append(_ path: String, _ reading: Reading) throws(DataError)

    /// Describes the examples and their columns.
    ///
    /// - Parameter labels: the file of the labels; nil looks for them.
    func describe(labels: String?) throws(DataError) -> DataDescription

    /// Loads the training examples, fits the preprocessing to them, and loads the test examples.
    ///
    /// - Parameters:
    ///   - source: the data section of the recipe.
    ///   - progress: is told which part has been read, from 0 to 1, where reading takes long.
    func load(_ source: DataSource, _ loading: Loading, progress: (Double) -> Void) throws(DataError) -> LoadedData

    /// Reads new rows as the training rows of a model were read.
    ///
    /// - Parameter report: is told of every column of a table that has texts which training did not have.
    func readNewRows(
        _ wanted: NewRows, for preprocessing: Preprocessing, unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset

    /// Writes the examples as a folder of converted data.
    func convert(_ source: DataSource, _ conversion: Conversion) throws
}

extension DataFile {
    package mutating func append(_ path: String, _ reading: Reading) throws(DataError) {
        throw .unsupported(file: path, detail: "cannot be read as the continuation of another file")
    }
}

/// Options for opening files.
package struct Reading: Sendable {
    /// The format of a text file; nil finds out.
    package var format: DataSource.Format?
    /// Whether the first row of a table names the columns; nil finds out.
    package var header: Bool?
    /// Names that the columns of a table may have.
    package var names: ExpectedNames?
    /// The treatment of lines of a table of text that cannot be read as they stand.
    package var badLines = DataSource.BadLines.refuse
    /// The encoding, separator and quotes of a table of text, as far as they are said.
    package var form = DataSource.TextForm()
    /// The rows of a database to read; nil takes its only table.
    package var rows: DatabaseRows?
    /// The number of characters from which the next one is learned, where the file is plain text.
    package var window: Int?
    /// Whether nothing says of what kind the data are, so that prose is read as plain text.
    package var findsText = false
    /// How the axis of the channels of an array of images is found.
    package var channels = ChannelOrder()
    /// The bytes that an array may take in memory; a larger one stays in its file where its numbers can be read there.
    package var memory = Int.max
    /// The formats that are known.
    package var formats = DataFormats.standard
}

/// Options for loading, beside the recipe's data section.
package struct Loading: Sendable {
    /// The recipe's seed, which decides the split.
    package var seed: UInt64
    /// Whether the recipe leaves it to the data that examples are held out for validation.
    package var mayHoldOut: Bool
    /// The folder in which relative paths begin; empty: the working folder.
    package var folder: String
    /// Bytes that features may take; larger features are read when a batch needs them.
    package var memory: Int
    package var formats: DataFormats
    /// The preprocessing of a saved model that goes on with the data; nil where all is fitted to them.
    package var kept: KeptPreprocessing?

    package init(
        seed: UInt64, mayHoldOut: Bool = false, folder: String = "", memory: Int = DataSource.usualMemory,
        formats: DataFormats = .standard
    ) {
        self.seed = seed
        self.mayHoldOut = mayHoldOut
        self.folder = folder
        self.memory = memory
        self.formats = formats
    }
}

/// Options for reading new rows.
package struct NewRows {
    /// The files of the labels; empty looks for them.
    package var labels: [String] = []
    /// Whether targets and weights are read, as for evaluation.
    package var needsTarget = false
    /// Whether the first row of a table names the columns; nil: as in training.
    package var header: Bool?
    /// The treatment of lines of a table of text that cannot be read as they stand.
    package var badLines = DataSource.BadLines.refuse
    /// The encoding, separator and quotes of a table of text, as far as they are said.
    package var form = DataSource.TextForm()
    /// The rows of a database to read; nil: as in training.
    package var rows: DatabaseRows?
    /// The table of image paths that the model was trained with; nil where it was trained with other data.
    package var list: DataSource.ImageList?
    /// Bytes that features may take; larger features are read when a batch needs them.
    package var memory = DataSource.usualMemory
    package var formats = DataFormats.standard
    /// Whether the rows are a part of a stream, whose parts are all read alike.
    package var isPart = false
    /// Is told how the rows of a table were read.
    package var report: (TableNotes) -> Void = { _ in }
    /// The columns of a table whose cells name its rows beside the predictions.
    package var ids: [String] = []
    /// Takes the names of the rows, and how their features lie to those of training; nil where nobody asks.
    package var findings: NewRowFindings?
}

/// The destination of converted data.
package struct Conversion {
    /// The folder to write, which must not exist.
    package var path: String
    /// The folder in which the relative paths of the source begin.
    package var folder = ""
    /// The number of rows of a file; nil makes files of about 1 GiB.
    package var shardRows: Int?
    /// Is told every notice to a person about how the source was read.
    package var report: (String) -> Void = { _ in }
    /// The notation of numbers and dates, as far as the source says it.
    var said = SaidNotation()

    package init(
        path: String, folder: String = "", shardRows: Int? = nil, report: @escaping (String) -> Void = { _ in }
    ) {
        (self.path, self.folder, self.shardRows, self.report) = (path, folder, shardRows, report)
    }
}
