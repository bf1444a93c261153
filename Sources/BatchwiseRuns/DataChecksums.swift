import Batchwise
import BatchwiseData
import Foundation

/// The checksums of a run's data, which its checkpoints hold: a run goes on with the data that it began with.
struct DataChecksums: Codable, Equatable {
    private let train: DatasetChecksums
    private let validation: DatasetChecksums?
    private let test: DatasetChecksums?

    init(_ data: LoadedData) throws {
        train = try DatasetChecksums(data.train)
        validation = try data.validation.map { data throws(DataError) in try DatasetChecksums(data) }
        test = try data.test.map { data throws(DataError) in try DatasetChecksums(data) }
    }

    /// The parts of these data that are not those of a checkpoint, as in "the labels of the training examples"; nil
    /// where all are the same.
    func difference(from other: Self) -> String? {
        var found: [String] = []
        for (name, mine, its) in [
            ("training", train, other.train), ("validation", validation, other.validation), ("test", test, other.test),
        ] {
            guard let mine, let its else {
                if mine != its { found.append("the \(name) examples") }
                continue
            }
            let parts = mine.differences(from: its)
            guard !parts.isEmpty else { continue }
            found.append("the \(listed(parts)) of the \(name) examples")
        }
        return found.isEmpty ? nil : listed(found)
    }

    private func listed(_ parts: [String]) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        return parts.dropLast().joined(separator: ", ") + " and " + last
    }
}

/// The text in a checkpoint.
extension DataChecksums {
    static let note = "data"

    init?(note: String?) {
        guard let note, let sums = try? JSONDecoder().decode(Self.self, from: Data(note.utf8)) else { return nil }
        self = sums
    }

    /// A line for each number.
    func lines() throws -> String { try text().replacing(",", with: "\n") }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension Preprocessing {
    /// The parts of the data by which this preprocessing is not another, in words; nil where both are the same.
    func difference(from other: Preprocessing?) -> String? {
        guard let other else { return "the data" }
        // an earlier version kept no ranges
        return withoutRanges.differenceOfParts(from: other.withoutRanges)
    }

    private func differenceOfParts(from other: Preprocessing) -> String? {
        guard self != other else { return nil }
        if features != other.features || featureShape != other.featureShape { return "the features" }
        if case .classes = target, case .classes = other.target { return "the class names" }
        return "the targets"
    }
}
