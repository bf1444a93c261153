extension Safetensors {
    /// The entry of the header about one tensor.
    struct HeaderEntry {
        enum DType: String, CaseIterable {
            case f64 = "F64"
            case f32 = "F32"
            case f16 = "F16"
            case bf16 = "BF16"
            case i64 = "I64"

            var width: Int {
                switch self {
                case .f64, .i64: 8
                case .f32: 4
                case .f16, .bf16: 2
                }
            }
        }

        /// More dimensions than any tensor has; a bound on the memory that a hostile header takes.
        static let mostDimensions = 64

        let dtype: DType
        let shape: [Int]
        let begin, end: Int

        init(_ reader: inout StrictJSON) throws(StrictJSON.Fault) {
            let start = reader.offset
            var dtype: DType?
            var shape: [Int]?
            var offsets: [Int] = []
            try reader.object { reader, key throws(StrictJSON.Fault) in
                let start = reader.offset
                switch key {
                case "dtype":
                    let name = try reader.string()
                    guard let known = DType(rawValue: name) else {
                        let all = DType.allCases.map(\.rawValue).joined(separator: ", ")
                        throw StrictJSON.Fault(reason: "dtype \"\(name)\" is none of \(all)", offset: start)
                    }
                    dtype = known
                case "shape":
                    shape = try Self.numbers(&reader, atMost: Self.mostDimensions)
                case "data_offsets":
                    offsets = try Self.numbers(&reader, atMost: 2)
                default:
                    throw StrictJSON.Fault(reason: "a tensor has no key \"\(key)\"", offset: start)
                }
            }
            guard let dtype, let shape, offsets.count == 2 else {
                throw StrictJSON.Fault(reason: "a tensor needs dtype, shape and two data_offsets", offset: start)
            }
            (self.dtype, self.shape, begin, end) = (dtype, shape, offsets[0], offsets[1])
        }

        private static func numbers(_ reader: inout StrictJSON, atMost most: Int) throws(StrictJSON.Fault) -> [Int] {
            let start = reader.offset
            var numbers: [Int] = []
            try reader.array { reader throws(StrictJSON.Fault) in
                if numbers.count == most {
                    throw StrictJSON.Fault(reason: "there are more than \(most) numbers", offset: start)
                }
                numbers.append(try reader.naturalNumber())
            }
            return numbers
        }

        /// The tensor whose bytes are `bytes`.
        func tensor(named name: String, from bytes: RawSpan) throws(FileError) -> Tensor {
            let count = elementCount(shape)
            guard let count, count.multipliedReportingOverflow(by: dtype.width) == (bytes.byteCount, false) else {
                throw malformed(
                    "tensor \"\(name)\" has \(bytes.byteCount) bytes, not its shape \(shape) of \(dtype.rawValue)"
                )
            }
            let elements: Tensor.Elements
            switch dtype {
            case .i64:
                elements = .integer((0..<count).map { Int64(bitPattern: bytes.number(at: 8 * $0, as: UInt64.self)) })
            case .f32:
                elements = .float((0..<count).map { Float(bitPattern: bytes.number(at: 4 * $0, as: UInt32.self)) })
            case .bf16:
                elements = .float(
                    (0..<count).map { Float(bitPattern: UInt32(bytes.number(at: 2 * $0, as: UInt16.self)) << 16) })
            case .f16:
                elements = .float((0..<count).map { Self.float(half: bytes.number(at: 2 * $0, as: UInt16.self)) })
            case .f64:
                let numbers = (0..<count).map { Double(bitPattern: bytes.number(at: 8 * $0, as: UInt64.self)) }
                if let index = numbers.firstIndex(where: { $0.isFinite && !Float($0).isFinite }) {
                    throw malformed(
                        "tensor \"\(name)\" holds \(numbers[index]) at \(index), which is too large for 32 bits")
                }
                elements = .float(numbers.map { Float($0) })
            }
            return try Tensor(shape: shape, elements: elements)
        }

        /// The number with these 16 bits: 1 of sign, 5 of exponent, 10 of fraction. `Float16` is not everywhere.
        private static func float(half bits: UInt16) -> Float {
            let sign = UInt32(bits & 0x8000) << 16
            let exponent = UInt32(bits >> 10 & 0x1f)
            let fraction = UInt32(bits & 0x3ff)
            switch exponent {
            case 0:  // zero and subnormal numbers, multiples of 2^-24
                let size = Float(fraction) * 0x1p-24
                return sign == 0 ? size : -size
            case 0x1f:  // infinity and not a number
                return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
            default:
                return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
            }
        }
    }
}

extension RawSpan {
    /// The little-endian number that begins at `offset`; the span traps if it does not lie within.
    func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as: Number.Type) -> Number {
        Number(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
