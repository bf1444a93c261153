import CKernels

/// A running checksum of 64 bits over numbers and texts. It finds data that have changed by mistake, and is no secret:
/// who wants to can make other data of the same checksum.
package struct Checksum: Sendable {
    /// The checksum of all that has been added.
    package private(set) var value: UInt64 = 0

    package init() {}

    /// Adds bytes.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        value = bw_checksum(bytes.baseAddress, bytes.count, value)
    }

    /// Adds numbers as they lie in memory.
    package mutating func add<Number: BitwiseCopyable>(_ numbers: [Number]) {
        numbers.withUnsafeBytes { add($0) }
    }

    /// Adds one number.
    package mutating func add(_ number: Int) { withUnsafeBytes(of: number) { add($0) } }

    /// Adds a text.
    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// The checksum as 16 hexadecimal digits.
    package var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
