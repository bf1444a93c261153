import Foundations

/// An error in data or in a data file, with its place.
///
/// `description` is one line for a person, which also says what to do; `exitCode` is the exit code for a command. Lines
/// and columns of files count from 1; examples of arrays count from 0, as in code.
public enum DataError: Error, Equatable, Sendable {
    // MARK: Files

    /// Nothing is at the path.
    case missingFile(String)
    /// The path may not be opened.
    case unreadable(file: String, reason: String)
    /// The system failed while it read the file.
    case readFailed(file: String, reason: String)
    /// A directory stands where a file is needed.
    case directory(String)
    /// A pipe, socket or device stands where a file is needed.
    case specialFile(String)
    /// A file of no bytes, or a compressed file that holds none.
    case emptyFile(String)
    /// The file holds or claims more bytes than may be used for it.
    case tooLarge(file: String, bytes: Int, limit: Int)
    /// A packed file unpacks to more than `limit` bytes, which is far more than it has itself.
    case packedTooClosely(file: String, limit: Int)
    /// A gzip file that is damaged, ends too early, or has something else behind it.
    case corruptGzip(file: String, detail: String)
    /// A Zstandard or Parquet file, a zip archive or an SQLite database that is damaged, ends too early, or has something
    /// else behind it.
    case corruptFile(file: String, format: String, detail: String)
    /// A file of a format that is known, but that this library does not read.
    case unsupported(file: String, detail: String)

    /// A file of several that are read as one has another form than the first.
    case partDiffers(file: String, from: String, detail: String)

    // MARK: Arrays in files

    /// The file ends before the data that its header promises.
    case truncated(file: String, format: String, expected: Int, found: Int)
    /// Bytes follow the data that the header promises.
    case trailingBytes(file: String, format: String)
    /// A header that breaks the format's rules.
    case badHeader(file: String, format: String, detail: String)
    /// Two files that must agree in their number of examples do not.
    case countsDiffer(file: String, count: Int, other: String, otherCount: Int)
    /// Features of another shape than the model was trained with.
    case shapeDiffers(file: String, expected: [Int], found: [Int])
    /// Features without the file of labels that training or evaluation needs.
    case labelsMissing(file: String)
    /// An array that cannot serve as labels.
    case badLabels(file: String, detail: String)
    /// The names in an NPZ file do not tell which array is meant; `arrays` says what there is.
    case arrayUnclear(file: String, purpose: String, arrays: [String])
    /// An array that the NPZ file does not have.
    case unknownArray(file: String, name: String, nearest: String?, arrays: [String])

    // MARK: Tables

    /// A row with more or fewer fields than the first.
    case raggedRow(file: String, line: Int, expected: Int, found: Int)
    /// A quote that is never closed; the line is where it opens.
    case unterminatedQuote(file: String, line: Int)
    /// Something other than a separator behind a closing quote.
    case textAfterQuote(file: String, line: Int)
    /// A quote within a cell that does not begin with one, which closes behind a separator; columns count from 1.
    case quoteWithinCell(file: String, line: Int, column: Int)
    /// A line of the header among the rows of data.
    case repeatedHeader(file: String, line: Int)
    /// A row at the beginning that may be part of the header, and may be data.
    case headerUnclear(file: String, line: Int, detail: String)
    /// Bytes that are not UTF-8.
    case notText(file: String, line: Int, detail: String)
    /// A header, or nothing, and no row of data.
    case noRows(String)
    /// Two columns of one name.
    case duplicateColumn(file: String, name: String)
    /// No target was named.
    case noTarget(file: String, columns: [String])
    /// A column that the file does not have.
    case unknownColumn(file: String, name: String, nearest: String?, columns: [String])
    /// Columns that a table of new rows lacks; `nearest` has for each the name that is most like it.
    case unknownColumns(file: String, names: [String], nearest: [String?], columns: [String])
    /// Rows without a header whose number of columns is not that of training.
    case columnCount(file: String, expected: Int, found: Int)
    /// Text where a number is needed.
    case notANumber(file: String, line: Int, column: String, found: String)
    /// A cell that is no date, in a column that held dates in training.
    case notADate(file: String, line: Int, column: String, found: String)
    /// A number too large to compute with.
    case notFinite(file: String, line: Int, column: String, found: String)
    /// A cell that cannot be used, or that its column's rule has no place for; `place` is "line 3" of a text, "row 2"
    /// of a database.
    case badCell(file: String, place: String, column: String, detail: String)
    /// A cell that may not be empty: a target, a weight or a group.
    case missingValue(file: String, line: Int, column: String)
    /// A weight below 0.
    case negativeWeight(file: String, line: Int, found: String)
    /// A column has more different texts than converted data can list.
    case tooManyTexts(file: String, column: String)
    /// The file is not the same when it is read once more.
    case changes(file: String)
    /// A text column with too many different texts to become features; `place` is the line or row of the text `first`.
    case tooManyLevels(
        file: String, column: String, levels: Int, limit: Int, first: String? = nil, place: String? = nil)
    /// A class that the training data does not have. `row` says where: a line of a table, an example of an array.
    case unknownClass(file: String, row: String, found: String, nearest: String?)
    /// All examples are of one class.
    case oneClass(file: String, name: String)
    /// Nothing but the target is in the table.
    case noFeatures(file: String)

    // MARK: Databases

    /// A database of several tables, and none was named.
    case tableUnclear(file: String, tables: [String])
    /// A table that the database does not have.
    case unknownTable(file: String, name: String, nearest: String?, tables: [String])

    // MARK: Sparse rows

    /// A line of LIBSVM text that breaks its rules.
    case badLine(file: String, line: Int, detail: String)

    // MARK: Converted data

    /// Bytes that are not those that were written.
    case badChecksum(file: String)

    // MARK: Images

    /// An image that cannot be decoded.
    case badImage(file: String, detail: String)
    /// A folder that is not one of class folders of images.
    case imageFolder(String, String)

    // MARK: The description of the data, and arrays in memory

    /// A data section that contradicts itself.
    case badSource(String)
    /// The preprocessing of a saved model contradicts itself.
    case badPreprocessing(String)
    /// A number of elements that does not fit the others.
    case elementCount(of: String, expected: Int, found: Int)
    /// A shape with a dimension below 1, or too large to count.
    case badShape([Int])
    /// No example at all.
    case noExamples
    /// A label outside 0..<classes.
    case labelOutOfRange(row: Int, label: Int, classes: Int)
    /// NaN or infinity among the features, targets or weights.
    case nonFinite(in: String, row: Int, found: String)
    /// An example weight below 0, or weights that are all 0.
    case badWeight(row: Int, found: String)
    /// A row of compressed sparse rows that breaks their rules.
    case badSparseRow(row: Int, detail: String)

    /// The code of sysexits.h for a command that this error ends: 65 bad data, 66 no input, 74 input or output failed.
    public var exitCode: Int32 {
        switch self {
        case .missingFile, .unreadable: 66
        case .readFailed: 74
        default: 65
        }
    }
}
