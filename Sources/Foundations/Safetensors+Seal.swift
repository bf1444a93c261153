import Crypto
import Foundation

// A sealed file holds a checksum of itself, so that a single bit that has changed anywhere is found. It is a
// safetensors file like any other. Files that other programs may change and write again, such as models, are not
// sealed.

extension Safetensors {
    /// The key of the metadata with the SHA-256 of all bytes of the file, taken with zeros in place of its digits.
    static let sealKey = "batchwise.sha256"
    private static let blankSeal = String(repeating: "0", count: 64)

    /// The bytes of the sealed file.
    package func sealed() throws(FileError) -> [UInt8] {
        var file = self
        file.metadata[Self.sealKey] = Self.blankSeal
        var bytes = try file.encoded()
        guard let place = Self.sealPlace(in: bytes) else { throw Self.malformed("it has no place for its checksum") }
        bytes.replaceSubrange(place, with: Self.seal(of: bytes, at: place))
        return bytes
    }

    /// Reads the bytes of a sealed file. Throws ``FileError/malformed(path:reason:)`` where any has changed.
    package init(sealed bytes: [UInt8]) throws(FileError) {
        guard let place = Self.sealPlace(in: bytes) else {
            throw .malformed(path: nil, reason: "is damaged: there is no checksum where it should be")
        }
        guard bytes[place].elementsEqual(Self.seal(of: bytes, at: place)) else {
            throw .malformed(path: nil, reason: "is damaged: its bytes are not those of its checksum")
        }
        try self.init(bytes: bytes)
    }

    /// The range of the checksum's digits. The key can stand in no text of the header, because a quote within a text is
    /// escaped.
    private static func sealPlace(in bytes: [UInt8]) -> Range<Int>? {
        guard bytes.count >= 8 else { return nil }
        let length = bytes.span.bytes.number(at: 0, as: UInt64.self)
        guard length <= UInt64(min(longestHeader, bytes.count - 8)) else { return nil }
        let header = Data(bytes[8..<8 + Int(length)])
        guard let key = header.range(of: Data("\"\(sealKey)\":\"".utf8)) else { return nil }
        let first = 8 + key.upperBound - header.startIndex
        let place = first..<first + blankSeal.utf8.count
        return place.upperBound <= 8 + Int(length) ? place : nil
    }

    private static func seal(of bytes: [UInt8], at place: Range<Int>) -> [UInt8] {
        var hash = SHA256()
        bytes.withUnsafeBytes {
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<place.lowerBound]))
            hash.update(data: Array(blankSeal.utf8))
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[place.upperBound...]))
        }
        let digits = Array("0123456789abcdef".utf8)
        return hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
