/// Writes arrays as NumPy's `np.load` reads them.
package enum NPYWriter {
    /// The bytes of an NPY file (version 1, little-endian float32, row-major).
    ///
    /// Fails when `values` has another number of elements than `shape`.
    package static func encode(_ values: [Float], shape: [Int]) throws(DataError) -> [UInt8] {
        guard let count = elementCount(shape) else { throw .badShape(shape) }
        guard count == values.count else {
            throw .elementCount(of: "values", expected: count, found: values.count)
        }
        let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(dimensions)), }"
        // Magic, version and length take 10 bytes; numpy pads all of it to a multiple of 64, ending in a newline.
        let padding = 63 - (10 + header.utf8.count) % 64
        header += String(repeating: " ", count: padding) + "\n"
        guard let length = UInt16(exactly: header.utf8.count) else { throw .badShape(shape) }
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
        bytes += header.utf8
        bytes.reserveCapacity(bytes.count + 4 * values.count)
        for value in values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
