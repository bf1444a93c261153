import Batchwise
import BatchwiseRuns
import Foundation
import Foundations

/// The result of a cell's run, as `cell.json` in its folder keeps it. A cell with this file has ended.
package struct CellOutcome: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Hashable, Codable {
        /// The goal was reached.
        case goal
        /// The recipe was trained to its end.
        case finished
        /// Numbers stopped being finite, or the loss went far beyond its start.
        case diverged
        /// Other rates were better.
        case stopped
        /// The cell could not be trained.
        case failed
    }

    package var status: Status
    /// A sentence about a cell that diverged, was stopped or failed.
    package var reason: String?
    package var updates = 0
    package var examples = 0
    /// Seconds of training, without evaluations and writing.
    package var seconds = 0.0
    /// The mean training loss over the last epoch, or over the part of it that was trained.
    package var trainLoss: Double?
    package var validation: Evaluation?
    package var test: Evaluation?
    package var isClassification = false
    /// The place where the goal was first reached; nil where it was not.
    package var goal: GoalPlace?
    /// The metric of the goal, or else the one by which rates are compared, when the cell was last looked at.
    package var metric: Double?
    /// The examples of a full batch: those of an epoch where the recipe's batch is larger.
    package var batch: Int?
    /// The base of the learning rate.
    package var rate: Double?
    package var parametersSHA256: String?
    /// The shape of the loss at the end of a cell that was trained; nil where the sweep measures none.
    package var shape: CellShape?
    /// The gradient noise scale over the run of a cell that was trained; nil where it was not measured.
    package var noise: NoiseScale?

    package init(status: Status, reason: String? = nil) {
        self.status = status
        self.reason = reason
    }

    /// The test loss less the training loss; nil where one is not known.
    package var gap: Double? {
        guard let trainLoss, let test else { return nil }
        return test.loss - trainLoss
    }

    /// The test loss less the training loss at the same parameters; nil where the shape of the loss was not measured.
    package var gapAtEnd: Double? {
        guard let loss = shape?.loss, let test else { return nil }
        return test.loss - loss
    }
}

// The file of a cell.
extension CellOutcome {
    private static let file = "cell.json"

    /// Reads the outcome of a cell that has ended; nil where it has not.
    static func read(of cell: String) throws -> CellOutcome? {
        let path = "\(cell)/\(file)"
        guard access(path, F_OK) == 0 else { return nil }
        do {
            return try JSONDecoder().decode(Self.self, from: Data(try readAll(path, limit: 1 << 20)))
        } catch let error as DecodingError {
            throw SweepError.damaged(path, reason: "it holds no result of a cell (\(error.place)); remove it")
        }
    }

    func write(of cell: String) throws {
        var plain = self
        // infinite losses have no place in JSON
        if trainLoss?.isFinite == false { plain.trainLoss = nil }
        for part in [\CellOutcome.validation, \.test] where plain[keyPath: part]?.loss.isFinite == false {
            plain[keyPath: part] = nil
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try FileManager.default.createDirectory(atPath: cell, withIntermediateDirectories: true)
        try AtomicFile.write(Array(try encoder.encode(plain)), to: "\(cell)/\(Self.file)")
    }
}

extension DecodingError {
    /// The key that could not be read.
    fileprivate var place: String {
        switch self {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of another kind"
        default: "it is no JSON"
        }
    }
}
