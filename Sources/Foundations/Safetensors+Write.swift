extension Safetensors {
    /// Writes a file that is either complete or not there; a file of that name is replaced.
    ///
    /// Throws ``FileError/cannotCreate(path:reason:)`` or ``FileError/inputOutput(path:reason:)``, with the
    /// old file as it was; or what ``encoded()`` throws.
    public func write(to path: String) throws(FileError) {
        try AtomicFile.write(try encoded(), to: path)
    }

    /// The bytes of the file.
    ///
    /// Equal tensors and metadata give equal bytes: the tensors stand in the order of their alignment, largest first,
    /// and then of the bytes of their names. Throws ``FileError/malformed(path:reason:)`` for a tensor named
    /// `__metadata__`, and for a header of more than 100,000,000 bytes.
    public func encoded() throws(FileError) -> [UInt8] {
        if tensors[Self.metadataKey] != nil {
            throw .malformed(path: nil, reason: "a tensor cannot be named \(Self.metadataKey)")
        }
        let ordered = tensors.sorted { a, b in
            let (first, second) = (a.value.elements.width, b.value.elements.width)
            return first != second ? first > second : a.key.utf8.lexicographicallyPrecedes(b.key.utf8)
        }
        let header = header(of: ordered)
        if header.count > Self.longestHeader {
            throw .malformed(path: nil, reason: "the names and shapes take more than \(Self.longestHeader) bytes")
        }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.count + ordered.reduce(0) { $0 + $1.value.elements.byteCount })
        append(UInt64(header.count), to: &bytes)
        bytes += header
        for (_, tensor) in ordered {
            switch tensor.elements {
            case .float(let values): append(values, to: &bytes) { $0.bitPattern }
            case .integer(let values): append(values, to: &bytes) { $0 }
            }
        }
        return bytes
    }

    private func header(of ordered: [(key: String, value: Tensor)]) -> [UInt8] {
        let metadata = metadata.merging(["format": "pt"]) { _, required in required }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\(quoted($0.key)):\(quoted($0.value))" }
        var entries = ["\(quoted(Self.metadataKey)):{\(metadata.joined(separator: ","))}"]
        var begin = 0
        for (name, tensor) in ordered {
            let end = begin + tensor.elements.byteCount
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                #"\#(quoted(name)):{"dtype":"\#(tensor.elements.dtype)","shape":[\#(shape)],"#
                    + #""data_offsets":[\#(begin),\#(end)]}"#)
            begin = end
        }
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        while !header.count.isMultiple(of: 8) { header.append(UInt8(ascii: " ")) }
        return header
    }

    /// A JSON string, escaped no more than it must be.
    private func quoted(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case "\r": json += "\\r"
            case "\t": json += "\\t"
            case "\u{8}": json += "\\b"
            case "\u{c}": json += "\\f"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }

    private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends the bits of numbers, little end first: at once where they lie so in memory.
    private func append<Number: BitwiseCopyable, Bits: FixedWidthInteger>(
        _ values: [Number], to bytes: inout [UInt8], _ bits: (Number) -> Bits
    ) {
        if 1.littleEndian == 1 {
            values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        } else {
            for value in values { append(bits(value), to: &bytes) }
        }
    }
}

extension Safetensors.Tensor.Elements {
    /// The name of the type in the file.
    fileprivate var dtype: String {
        switch self {
        case .float: "F32"
        case .integer: "I64"
        }
    }

    /// The bytes of a number, which are also its alignment.
    fileprivate var width: Int {
        switch self {
        case .float: 4
        case .integer: 8
        }
    }

    /// The bytes of all the numbers.
    fileprivate var byteCount: Int {
        switch self {
        case .float(let values): 4 * values.count
        case .integer(let values): 8 * values.count
        }
    }
}
