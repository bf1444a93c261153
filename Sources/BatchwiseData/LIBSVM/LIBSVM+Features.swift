import Batchwise

/// The features of sparse rows: indices become columns, and numbers are divided by the largest of their column.
extension LIBSVM {
    var count: Int { labels.count }
    var featureShape: [Int] { [max(Int(largestIndex) - firstIndex, 0) + 1] }
    var keepsTestRows: Bool { true }
    private var firstIndex: Int { smallestIndex == 0 ? 0 : 1 }

    /// The largest magnitude of every feature. Zeros have to stay zeros, and a division by this number keeps them.
    func fitted(rows: RowList?, standardise: Bool) throws(DataError) -> Preprocessing.Features {
        let limit = max(Self.plausibleIndex, Self.plausibleRatio * values.count)
        guard largestIndex <= limit else {
            throw .badLine(
                file: fileOfLargest, line: lineOfLargest,
                detail:
                    "a model would have weights for \(largestIndex) features, and to learn them from \(values.count) "
                    + "numbers it may have \(limit); number the features that occur from 1")
        }
        guard standardise, featureShape[0] <= Self.mostScaled, !values.allSatisfy({ abs($0) == 1 }) else {
            return .sparse(firstIndex: firstIndex, magnitudes: [])
        }
        var magnitudes = [Float](repeating: 0, count: featureShape[0])
        for row in rows ?? RowList(0..<count) {
            for place in starts[row]..<starts[row + 1] {
                let column = Int(indices[place]) - firstIndex
                magnitudes[column] = max(magnitudes[column], abs(values[place]))
            }
        }
        return .sparse(firstIndex: firstIndex, magnitudes: magnitudes.map { $0 == 0 ? 1 : $0 })
    }

    /// Features that training has not seen are left out, as unknown categories are.
    func features(for preprocessing: Preprocessing) throws(DataError) -> Dataset.Features {
        guard case .sparse(let first, let magnitudes) = preprocessing.features else {
            throw preprocessing.otherKind(path, "holds sparse rows")
        }
        guard smallestIndex >= first else {
            throw .badLine(
                file: fileOfSmallest, line: lineOfSmallest,
                detail: "index 0, but the indices of the training file begin at 1")
        }
        let width = preprocessing.featureShape[0]
        if Int(largestIndex) - first < width, magnitudes.isEmpty {
            let columns = first == 0 ? indices : indices.map { $0 - Int32(first) }
            return .sparse(try SparseRows(starts: starts, columns: columns, values: values, width: width))
        }
        var (kept, columns, numbers) = ([0], [Int32](), [Float]())
        kept.reserveCapacity(starts.count)
        columns.reserveCapacity(values.count)
        numbers.reserveCapacity(values.count)
        for row in 0..<count {
            for place in starts[row]..<starts[row + 1] where Int(indices[place]) - first < width {
                let column = Int(indices[place]) - first
                columns.append(Int32(column))
                numbers.append(magnitudes.isEmpty ? values[place] : values[place] / magnitudes[column])
            }
            kept.append(numbers.count)
        }
        return .sparse(try SparseRows(starts: kept, columns: columns, values: numbers, width: width))
    }
}
