import Batchwise

extension LIBSVM: DataFormat, ExampleFile {
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes, isMeant(bytes, reading.format) else { return nil }
        return try LIBSVM(bytes)
    }

    mutating func append(_ path: String, _ reading: Reading) throws(DataError) {
        var reading = reading
        reading.format = .libsvm
        guard let more = try reading.formats.open(path, reading) as? LIBSVM else {
            throw .partDiffers(file: path, from: self.path, detail: "no LIBSVM text")
        }
        append(more)
    }

    func describe(labels: String?) throws(DataError) -> DataDescription {
        DataDescription(
            .libsvm, self, nonZero: values.count, .init("features", values.lazy.map(Double.init)),
            try target(labels: labels.map { [$0] } ?? [], .standard))
    }

    func convert(_ source: DataSource, _ conversion: Conversion) throws {
        _ = try labels(source)
        try convert(to: conversion.path)
    }

    func target(labels: [String], _ formats: DataFormats) throws(DataError) -> RawTarget {
        guard labels.isEmpty else {
            throw .badSource("data.labels is for IDX and NPY files; the rows of LIBSVM files begin with theirs")
        }
        return RawTarget(file: path, values: .numbers(self.labels), width: 1, origin: .floats)
    }
}

// MARK: - Recognising

extension LIBSVM {
    /// Whether a format, the name of the file or its first example says LIBSVM.
    private static func isMeant(_ source: ByteSource, _ format: DataSource.Format?) -> Bool {
        if let format { return format == .libsvm }
        let name = source.path.lowercased()
        let endings = [".svm", ".libsvm", ".svmlight"]
        return endings.contains { ending in
            ([""] + Packing.endings).contains { name.hasSuffix(ending + $0) }
        } || recognises(source.head)
    }

    /// Whether text looks like this format, as far as its first example shows.
    static func recognises(_ head: [UInt8]) -> Bool {
        var scanner = LIBSVMScanner(path: "", bytes: head)
        while scanner.isThere {
            let isWhole = head[scanner.rest].contains(where: LIBSVMScanner.isLineEnd)
            var words: [Range<Int>] = []
            while let word = scanner.word() { words.append(word) }
            // The last word may be cut off by the end of the head.
            if !isWhole, words.count > 2 { words.removeLast() }
            if let label = words.first {
                guard words.count > 1, CSVNumber.parse(head, label) != nil else { return false }
                return words.dropFirst().allSatisfy { word in
                    if head[word].starts(with: LIBSVMScanner.query) { return true }
                    guard let at = head[word].firstIndex(of: LIBSVMScanner.colon), at > word.lowerBound else {
                        return false
                    }
                    return head[word.lowerBound..<at].allSatisfy(LIBSVMScanner.isDigit)
                        && CSVNumber.parse(head, at + 1..<word.upperBound) != nil
                }
            }
            scanner.advance()
        }
        return false
    }
}
