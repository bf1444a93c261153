import Foundation

extension Safetensors {
    /// Reads a file.
    ///
    /// Throws ``FileError/missing(path:reason:)``, ``FileError/inputOutput(path:reason:)``, or
    /// ``FileError/malformed(path:reason:)`` as ``init(bytes:)`` does.
    public init(path: String) throws(FileError) {
        let bytes = try readAll(path)
        do throws(FileError) {
            try self.init(bytes: bytes)
        } catch { throw error.naming(path) }
    }

    /// Reads the bytes of a file.
    ///
    /// Throws ``FileError/malformed(path:reason:)`` unless the header is strict JSON of the expected form, and
    /// the tensors follow one another without hole or overlap from the end of the header to the end of the file.
    public init(bytes: [UInt8]) throws(FileError) {
        let (header, data) = try Self.split(bytes)
        var reader = StrictJSON(bytes, range: header)
        var entries: [(name: String, entry: HeaderEntry)] = []
        var metadata: [String: String] = [:]
        do throws(StrictJSON.Fault) {
            try reader.object { reader, key throws(StrictJSON.Fault) in
                if key == Self.metadataKey {
                    try reader.object { reader, key throws(StrictJSON.Fault) in metadata[key] = try reader.string() }
                } else {
                    entries.append((key, try HeaderEntry(&reader)))
                }
            }
            try reader.finish()
        } catch {
            throw Self.malformed("the header is wrong at byte \(error.offset): \(error.reason)")
        }

        entries.sort { ($0.entry.begin, $0.entry.end) < ($1.entry.begin, $1.entry.end) }
        var end = 0
        for (name, entry) in entries {
            if entry.begin != end {
                let fault = entry.begin > end ? "after a hole in" : "inside another tensor of"
                throw Self.malformed("tensor \"\(name)\" begins \(fault) the data, at \(entry.begin) and not \(end)")
            }
            if entry.end < entry.begin { throw Self.malformed("tensor \"\(name)\" ends before it begins") }
            end = entry.end
        }
        if end != data.count {
            throw Self.malformed("the tensors take \(end) bytes, but \(data.count) follow the header")
        }
        // From here on every span lies within the data.
        tensors = [:]
        for (name, entry) in entries {
            let span = (data.lowerBound + entry.begin)..<(data.lowerBound + entry.end)
            tensors[name] = try entry.tensor(named: name, from: bytes.span.bytes.extracting(span))
        }
        self.metadata = metadata
    }

    /// The ranges of the header and of the data.
    private static func split(_ bytes: [UInt8]) throws(FileError) -> (header: Range<Int>, data: Range<Int>) {
        guard bytes.count >= 8 else { throw malformed("it has \(bytes.count) bytes; 8 come before the header") }
        let length = bytes.span.bytes.number(at: 0, as: UInt64.self)
        guard length <= UInt64(longestHeader) else {
            throw malformed("its header would have \(length) bytes; \(longestHeader) are allowed")
        }
        let end = 8 + Int(length)
        guard end <= bytes.count else {
            throw malformed("its header should end at byte \(end), but the file ends at \(bytes.count)")
        }
        // The header must begin with the brace, without a byte-order mark or space.
        guard length > 0, bytes[8] == UInt8(ascii: "{") else { throw malformed("its header does not begin with {") }
        return (8..<end, end..<bytes.count)
    }

    package static func malformed(_ reason: String) -> FileError {
        .malformed(path: nil, reason: "not a safetensors file: \(reason)")
    }
}
