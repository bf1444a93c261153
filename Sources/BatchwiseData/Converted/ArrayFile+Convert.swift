import Batchwise

extension ArrayFile {
    /// Writes the features as they are, and the target beside them. Integers of 64 bits become doubles.
    func convert(_ source: DataSource, _ conversion: Conversion) throws {
        let labels = DataSource.paths(try labels(source), in: conversion.folder)
        let target = try optionalTarget(labels: labels)?.field
        let element = rows.element == .int64 ? .double : rows.element
        let features = ConvertedManifest.Field(name: "features", element: element, shape: rows.shape)
        var writer = try ConvertedDataWriter(
            to: conversion.path,
            ConvertedManifest(
                kind: .array, keepsTestRows: keepsTestRows, fields: [features] + (target.map { [$0.0] } ?? [])),
            count: count, shardRows: conversion.shardRows)
        func append(_ run: Range<Int>, _ numbers: UnsafeRawBufferPointer) throws {
            guard let (field, targets) = target else { return try writer.append(rows: run.count, [numbers]) }
            let width = field.shape.reduce(1, *)
            try targets[(run.lowerBound * width)..<(run.upperBound * width)].withUnsafeBytes {
                try writer.append(rows: run.count, [numbers, $0])
            }
        }
        // the function that reads a run can throw errors of data only
        var failure: (any Error)?
        try rows.forEachRun { run, numbers in
            guard failure == nil else { return }
            do {
                guard rows.element == .int64 else { return try append(run, numbers) }
                try doubles(numbers).withUnsafeBytes { try append(run, $0) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        try writer.finish()
    }

    /// Integers that doubles hold exactly.
    private func doubles(_ numbers: UnsafeRawBufferPointer) throws(DataError) -> [Double] {
        let integers = numbers.bindMemory(to: Int64.self)
        guard integers.allSatisfy({ $0.magnitude <= 1 << 53 }) else {
            throw .unsupported(file: path, detail: "holds integers beyond 2^53; save it as float64")
        }
        return integers.map { Double($0) }
    }

    /// The target, where there are labels.
    private func optionalTarget(labels: [String]) throws(DataError) -> RawTarget? {
        do throws(DataError) {
            return try target(labels: labels, .standard)
        } catch .labelsMissing {
            return nil
        } catch {
            throw error
        }
    }
}

extension RawTarget {
    /// The description of the stored field, and its numbers: texts as their places among the levels.
    var field: (ConvertedManifest.Field, [Double]) {
        var field = ConvertedManifest.Field(name: "target", element: .double, shape: width == 1 ? [] : [width])
        switch values {
        case .texts(let codes, let levels):
            field.levels = levels
            return (field, codes.map(Double.init))
        case .numbers(let numbers):
            field.origin =
                switch origin {
                case .integers: .integers
                case .booleans: .booleans
                case .floats, .table, .folders, .texts: .floats
                }
            return (field, numbers)
        }
    }
}
