/// Named tensors in a file that holds numbers and nothing else: the safetensors format.
///
/// ```swift
/// var file = Safetensors()
/// file.tensors["0.bias"] = try Safetensors.Tensor(shape: [3], values: [0.5, -1, 2])
/// try file.write(to: "model.safetensors")
/// print(try Safetensors(path: "model.safetensors").tensors["0.bias"]?.values ?? [])  // [0.5, -1.0, 2.0]
/// ```
///
/// Reading trusts nothing: every length is checked against the bytes there before memory is taken for it. See
/// <https://huggingface.co/docs/safetensors>.
public struct Safetensors: Sendable, Equatable {
    /// The tensors by name. Names that differ only in how Unicode composes a letter are one name.
    public var tensors: [String: Tensor]
    /// The metadata of the file. `format` is `pt` in every file that this library writes.
    public var metadata: [String: String]

    /// A file with these tensors and this metadata.
    public init(tensors: [String: Tensor] = [:], metadata: [String: String] = ["format": "pt"]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// An array of numbers with a shape, in row-major order.
    public struct Tensor: Sendable, Equatable {
        /// The length of each dimension; empty for a scalar.
        public let shape: [Int]
        /// The numbers, as many as the product of the shape.
        public let elements: Elements

        /// The numbers of a tensor.
        public enum Elements: Sendable, Equatable {
            /// Floating-point numbers, written as F32; read from F32, and converted from F64, F16 and BF16.
            case float([Float])
            /// Integers, written as I64 and read from I64.
            case integer([Int64])
        }

        /// A tensor of floating-point numbers.
        ///
        /// Throws ``FileError/malformed(path:reason:)`` if `values` are not as many as the product of `shape`.
        public init(shape: [Int], values: [Float]) throws(FileError) {
            try self.init(shape: shape, elements: .float(values))
        }

        /// A tensor of numbers of either kind.
        ///
        /// Throws ``FileError/malformed(path:reason:)`` if the numbers are not as many as the product of `shape`.
        public init(shape: [Int], elements: Elements) throws(FileError) {
            let count =
                switch elements {
                case .float(let values): values.count
                case .integer(let values): values.count
                }
            guard elementCount(shape) == count else {
                throw .malformed(path: nil, reason: "a tensor of shape \(shape) has \(count) numbers")
            }
            self.shape = shape
            self.elements = elements
        }

        /// A counter, such as a batch normalisation's `num_batches_tracked`.
        public init(scalar: Int64) {
            shape = []
            elements = .integer([scalar])
        }

        /// The floating-point numbers, or nil for a tensor of integers.
        public var values: [Float]? {
            if case .float(let values) = elements { values } else { nil }
        }

        /// The integers, or nil for a tensor of floating-point numbers.
        public var integers: [Int64]? {
            if case .integer(let values) = elements { values } else { nil }
        }
    }

    /// The largest header of a file, in bytes.
    static let longestHeader = 100_000_000
    /// The key of the header that is no tensor's name.
    static let metadataKey = "__metadata__"
}
