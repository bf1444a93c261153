import Batchwise

extension NumericArray.Storage {
    /// The elements of a column-major array in row-major order.
    func rowMajor(shape: [Int]) -> Self {
        switch self {
        case .bytes(let values): .bytes(transposed(values, shape))
        case .booleans(let values): .booleans(transposed(values, shape))
        case .integers(let values): .integers(transposed(values, shape))
        case .floats(let values): .floats(transposed(values, shape))
        case .doubles(let values): .doubles(transposed(values, shape))
        }
    }

    private func transposed<T>(_ values: [T], _ shape: [Int]) -> [T] {
        guard shape.count > 1, !values.isEmpty else { return values }
        var strides = [1]
        for dimension in shape.dropLast() { strides.append(strides[strides.count - 1] * dimension) }
        var index = [Int](repeating: 0, count: shape.count)
        var offset = 0
        return [T](unsafeUninitializedCapacity: values.count) { buffer, initialized in
            for target in values.indices {
                buffer.initializeElement(at: target, to: values[offset])
                // Count up as an odometer does, from the last dimension.
                var axis = shape.count - 1
                while axis >= 0 {
                    index[axis] += 1
                    offset += strides[axis]
                    if index[axis] < shape[axis] { break }
                    offset -= strides[axis] * shape[axis]
                    index[axis] = 0
                    axis -= 1
                }
            }
            initialized = values.count
        }
    }
}
