import Batchwise
/// A file whose rows are examples of one kind of number: an array, sparse rows. (A table has columns of many kinds.)
protocol ExampleFile: Sendable {
    var path: String { get }
    var count: Int { get }
    /// The shape of one example.
    var featureShape: [Int] { get }
    /// Whether some rows are kept for testing where nothing is said of it.
    var keepsTestRows: Bool { get }

    /// Fits to these rows, or to all.
    func fitted(rows: RowList?, standardise: Bool) throws(DataError) -> Preprocessing.Features
    /// The features of all examples in the terms of a fitted model.
    func features(for preprocessing: Preprocessing) throws(DataError) -> Dataset.Features
    /// What is to be learnt of all examples, from the files of labels, or where such files have it if none is named.
    func target(labels: [String]) throws(DataError) -> RawTarget
}
