import Batchwise
import Foundation
import Foundations

/// Sums over the updates of an epoch: means come out exact, however the batches were cut.
public struct EpochTotals: Sendable, Codable {
    private var lossSum = 0.0
    private var rightSum = 0.0
    private var weight = 0.0
    public private(set) var examples = 0
    /// Time spent on training, without evaluation and writing.
    public internal(set) var seconds = 0.0
    /// Of which updates waited for examples.
    var stalled: Double?
    /// Sums over the updates that measured them.
    var gradientNorms: UpdateMean?
    var updateRatios: UpdateMean?

    /// A sum over updates.
    struct UpdateMean: Sendable, Codable {
        var sum = 0.0
        var updates = 0

        /// With one more.
        static func adding(_ value: Double?, to mean: Self?) -> Self? {
            guard let value else { return mean }
            let mean = mean ?? Self()
            return Self(sum: mean.sum + value, updates: mean.updates + 1)
        }

        var value: Double { sum / Double(updates) }
    }

    mutating func add(_ report: UpdateReport) {
        lossSum += report.loss * report.weight
        rightSum += (report.accuracy ?? 0) * report.weight
        weight += report.weight
        examples += report.batch
        gradientNorms = .adding(report.measurements[GradientNorm()], to: gradientNorms)
        updateRatios = .adding(report.measurements[UpdateRatio()], to: updateRatios)
    }

    /// The mean loss of the examples so far, by weight; nil before the first.
    public var loss: Double? { weight > 0 ? lossSum / weight : nil }
    /// The share of right predictions, likewise.
    public var accuracy: Double? { weight > 0 ? rightSum / weight : nil }
}

/// The sums of an unfinished epoch go with its checkpoint, so that the means of a resumed epoch are those of the whole.
extension EpochTotals {
    static let note = "epoch"

    init?(note: String?) {
        guard let note, let totals = try? JSONDecoder().decode(Self.self, from: Data(note.utf8)) else { return nil }
        self = totals
    }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension RunEvent.Update {
    init(_ report: UpdateReport, seconds: Double) {
        self.init(
            time: timestamp(), update: report.index, epoch: report.epoch, batch: report.batch,
            examples: report.examples,
            loss: report.loss, accuracy: report.accuracy, learningRate: report.learningRate,
            gradientNorm: report.measurements[GradientNorm()], updateRatio: report.measurements[UpdateRatio()],
            seconds: seconds)
    }
}

extension RunEvent.Epoch {
    /// - Parameters:
    ///   - report: that of the last update.
    ///   - batch: examples of a full batch at the end.
    init(
        _ report: UpdateReport, _ totals: EpochTotals, validation: Evaluation?, test: Evaluation?, batch: Int
    ) {
        self.init(
            time: timestamp(), epoch: report.epoch, updates: report.index, examples: report.examples,
            trainLoss: totals.loss, trainAccuracy: report.accuracy == nil ? nil : totals.accuracy,
            validation: validation, test: test, isClassification: report.accuracy != nil,
            learningRate: report.learningRate, batch: batch, seconds: totals.seconds,
            stall: (totals.stalled ?? 0) / totals.seconds,
            examplesPerSecond: Double(totals.examples) / totals.seconds,
            gradientNorm: totals.gradientNorms?.value, updateRatio: totals.updateRatios?.value)
    }
}
