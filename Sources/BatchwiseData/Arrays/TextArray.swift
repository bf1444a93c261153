import Batchwise
import Foundations

/// An array of texts from an NPY file, as places among its different texts.
struct TextArray: Equatable {
    var shape: [Int]
    var codes: [Int32]
    /// The different texts, sorted by their UTF-8 bytes.
    var levels: [String]
}

/// The labels of examples in arrays.
enum LabelArray {
    case numbers(NumericArray)
    case texts(TextArray)
}

extension TextArray {
    /// The texts of NPY files, or arrays of NPZ files, that are read as one; nil where the first holds no texts.
    static func read(_ paths: [String]) throws(DataError) -> TextArray? {
        var all: TextArray?
        var files: [String] = []
        for path in paths { files += try FilePattern.files(path) }
        for path in files {
            let found = try TextArray(in: path)
            guard let found else {
                guard all == nil else {
                    throw .partDiffers(file: path, from: files[0], detail: "no texts")
                }
                return nil
            }
            guard let before = all else {
                all = found
                continue
            }
            guard before.shape.dropFirst() == found.shape.dropFirst() else {
                throw .partDiffers(file: path, from: files[0], detail: "examples of another shape")
            }
            all = before.appending(found)
        }
        return all
    }

    /// The texts in a file; nil where it holds something else.
    private init?(in path: String) throws(DataError) {
        let file = try FoundFile(path)
        guard let bytes = file.bytes else { return nil }
        if NPY.recognises(bytes.head), file.array == nil {
            guard let array = try TextArray(of: bytes) else { return nil }
            self = array
        } else {
            guard bytes.packing == .none, NPZ.recognises(bytes.head) else { return nil }
            let npz = try NPZ(path: bytes.path)
            let name = if let array = file.array { array } else { try npz.labels() }
            guard let array = try TextArray(of: try npz.source(name)) else { return nil }
            self = array
        }
    }

    /// Reads the array, whose elements are UTF-32 (`<U5`) or bytes (`|S5`) with zeros behind them; nil where they are
    /// something else.
    init?(of source: ByteSource) throws(DataError) {
        let header = try NPY.header(of: source)
        let (order, kind) = (header.descr.first, header.descr.dropFirst().first)
        guard let order, "<>=|".contains(order), let kind, kind == "U" || kind == "S" else { return nil }
        guard let length = Int(header.descr.dropFirst(2)), (1...1 << 20).contains(length) else {
            throw .badHeader(
                file: source.path, format: "NPY",
                detail: "texts of the type '\(header.descr)' are empty or longer than 2^20 characters")
        }
        let size = kind == "U" ? 4 * length : length
        guard let bytes = elementCount(header.shape + [size]) else {
            throw .badHeader(file: source.path, format: "NPY", detail: "the shape \(header.shape) is too large")
        }
        guard !header.fortranOrder || header.shape.count(where: { $0 > 1 }) < 2 else {
            throw .unsupported(file: source.path, detail: "holds texts in Fortran order; save them row by row")
        }
        let all = try source.array(of: UInt8.self, count: bytes, format: "NPY")
        try source.expectEnd(format: "NPY")
        let isBig = order == ">" || (order == "=" && 1.bigEndian == 1)
        var places: [ArraySlice<UInt8>: Int32] = [:]
        var found: [String] = []
        var codes: [Int32] = []
        codes.reserveCapacity(all.count / size)
        for first in stride(from: 0, to: all.count, by: size) {
            let element = all[first..<first + size]
            if let place = places[element] {
                codes.append(place)
                continue
            }
            guard let text = kind == "U" ? Self.text(utf32: element, isBig) : Self.text(utf8: element) else {
                throw .badLabels(
                    file: source.path, detail: "example \(codes.count) (from 0) is not Unicode text")
            }
            places[element] = Int32(clamping: found.count)
            codes.append(Int32(clamping: found.count))
            found.append(text)
        }
        self = Self(shape: header.shape, codes: codes, levels: found).sorted
    }

    private static func text(utf32 bytes: ArraySlice<UInt8>, _ isBig: Bool) -> String? {
        var text = String.UnicodeScalarView()
        var zeros = 0
        for at in stride(from: bytes.startIndex, to: bytes.endIndex, by: 4) {
            let four = bytes[at..<at + 4]
            let value = (isBig ? Array(four) : four.reversed()).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard value != 0 else {
                zeros += 1
                continue
            }
            // only zeros at the end are padding
            guard zeros == 0, let scalar = Unicode.Scalar(value) else { return nil }
            text.append(scalar)
        }
        return String(text)
    }

    private static func text(utf8 bytes: ArraySlice<UInt8>) -> String? {
        let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? bytes.startIndex
        return String(validating: bytes[bytes.startIndex..<end], as: UTF8.self)
    }

    /// The same array with its different texts in order, and each of them once.
    private var sorted: TextArray {
        let order = Set(levels).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var places: [String: Int32] = [:]
        for (place, text) in order.enumerated() { places[text] = Int32(clamping: place) }
        let placeOfLevel = levels.map { places[$0] ?? 0 }
        return TextArray(shape: shape, codes: codes.map { placeOfLevel[Int($0)] }, levels: order)
    }

    private func appending(_ other: TextArray) -> TextArray {
        let codes = codes + other.codes.map { $0 + Int32(clamping: levels.count) }
        let shape = [self.shape[0] + other.shape[0]] + self.shape.dropFirst()
        return TextArray(shape: shape, codes: codes, levels: levels + other.levels).sorted
    }
}
