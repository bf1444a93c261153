import Batchwise

/// The error that a call throws, or nil.
public func failure<T>(_ work: () throws(DataError) -> T) -> DataError? {
    do throws(DataError) { _ = try work() } catch { return error }
    return nil
}

/// The features of one example as a model sees them.
public func features(_ dataset: Dataset, row: Int) -> [Float] {
    var result = [Float](repeating: .nan, count: dataset.featureCount)
    // what cannot be read stays NaN, which nothing equals
    try? result.withUnsafeMutableBufferPointer { try dataset.fill($0, rows: CollectionOfOne(row)) }
    return result
}
