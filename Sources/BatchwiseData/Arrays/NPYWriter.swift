import Batchwise
import Foundations

/// Writes arrays as NumPy's `np.load` reads them.
package enum NPYWriter {
    /// The bytes of an NPY file (version 1, little-endian float32, row-major).
    ///
    /// Fails when `values` has another number of elements than `shape`.
    package static func encode(_ values: [Float], shape: [Int]) throws(DataError) -> [UInt8] {
        guard shape.count <= 64, let count = elementCount(shape) else { throw .badShape(shape) }
        guard count == values.count else {
            throw .elementCount(of: "values", expected: count, found: values.count)
        }
        var bytes = header(descr: "<f4", shape: shape)
        bytes.reserveCapacity(bytes.count + 4 * values.count)
        for value in values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// The header before the numbers: row-major, in version 1.
    static func header(descr: String, shape: [Int]) -> [UInt8] {
        let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(dimensions)), }"
        // Magic, version and length take 10 bytes; numpy pads all of it to a multiple of 64, ending in a newline.
        let padding = 63 - (10 + header.utf8.count) % 64
        header += String(repeating: " ", count: padding) + "\n"
        let length = header.utf8.count  // of at most 64 dimensions, which is below 2^16
        let bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
        return bytes + header.utf8
    }
}
