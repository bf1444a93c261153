import Batchwise
import Foundation
import Foundations

/// Sums over the updates of an epoch, so that its means are exact however the batches were cut.
public struct EpochTotals: Sendable, Codable {
    private var lossSum = 0.0
    /// Nil for regression.
    private var rightSum: Double?
    private var weight = 0.0
    /// The number of examples of the updates so far.
    public private(set) var examples = 0
    /// The time spent on training in seconds, without evaluation and writing.
    public internal(set) var seconds = 0.0
    /// The part of `seconds` in which updates waited for examples.
    var stalled: Double?
    /// Sums of the gradient norms, and of the relative lengths of updates, over the updates that measured them.
    var gradientNorms: UpdateMean?
    var updateRatios: UpdateMean?
    /// The gradient noise scale over the updates that measured it, in this epoch and, while these are few, before it.
    public private(set) var noise: NoiseScale?
    /// The gradient noise scale over all updates of the run that measured it.
    private(set) var noiseOfRun: NoiseScale?

    init() {}

    /// The totals of the epoch after this one. A noise scale from fewer than 64 samples goes on, and that of the run.
    init(after last: Self) {
        if let noise = last.noise, noise.updates < 64 { self.noise = noise }
        noiseOfRun = last.noiseOfRun
    }

    /// The sums that go with a checkpoint at the end of the epoch; nil where nothing goes on.
    var afterEpoch: Self? { noiseOfRun == nil ? nil : Self(after: self) }

    /// A sum over updates, and their number.
    struct UpdateMean: Sendable, Codable {
        var sum = 0.0
        var updates = 0

        /// The mean with one more value; unchanged where there is no value.
        static func adding(_ value: Double?, to mean: Self?) -> Self? {
            guard let value else { return mean }
            let mean = mean ?? Self()
            return Self(sum: mean.sum + value, updates: mean.updates + 1)
        }

        var value: Double { sum / Double(updates) }
    }

    mutating func add(_ update: UpdateFindings) {
        lossSum += update.loss * update.weight
        if let accuracy = update.accuracy { rightSum = (rightSum ?? 0) + accuracy * update.weight }
        weight += update.weight
        examples += update.examples
    }

    mutating func add(_ report: UpdateReport) {
        add(UpdateFindings(report))
        guard !report.measurements.isEmpty else { return }
        gradientNorms = .adding(report.measurements[GradientNorm()], to: gradientNorms)
        updateRatios = .adding(report.measurements[UpdateRatio()], to: updateRatios)
        guard let sample = report.measurements[GradientNoise()] else { return }
        if noise == nil { noise = NoiseScale() }
        noise?.add(sample)
        if noiseOfRun == nil { noiseOfRun = NoiseScale() }
        noiseOfRun?.add(sample)
    }

    /// The weighted mean loss of the examples so far; nil before the first.
    public var loss: Double? { weight > 0 ? lossSum / weight : nil }
    /// The weighted share of right predictions so far, from 0 to 1; nil before the first example, and for
    /// regression.
    public var accuracy: Double? { weight > 0 ? rightSum.map { $0 / weight } : nil }
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
            gain: report.gain, baseUpdates: report.baseUpdates, seconds: seconds)
    }
}

extension RunEvent.Epoch {
    /// - Parameters:
    ///   - report: the report of the last update.
    ///   - batch: the examples of a full batch at the end of the epoch.
    init(
        _ report: UpdateReport, _ totals: EpochTotals, validation: Evaluation?, test: Evaluation?, batch: Int
    ) {
        self.init(
            time: timestamp(), epoch: report.epoch, updates: report.index, examples: report.examples,
            trainLoss: totals.loss, trainAccuracy: totals.accuracy,
            validation: validation, test: test, isClassification: report.accuracy != nil,
            learningRate: report.learningRate, batch: batch, seconds: totals.seconds,
            stall: (totals.stalled ?? 0) / totals.seconds,
            examplesPerSecond: Double(totals.examples) / totals.seconds,
            gradientNorm: totals.gradientNorms?.value, updateRatio: totals.updateRatios?.value,
            noise: totals.noise?.estimate, gain: report.gain, baseUpdates: report.baseUpdates)
    }
}
