import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// Sums over the updates of an epoch: means come out exact, however the batches were cut.
struct EpochTotals: Codable {
    var lossSum = 0.0
    var rightSum = 0.0
    var weight = 0.0
    var examples = 0
    /// Time spent on training, without evaluation and writing.
    var seconds = 0.0
    /// Of which updates waited for examples.
    var stalled: Double?
    /// Sums over the updates that measured them.
    var gradientNorms: UpdateMean?
    var updateRatios: UpdateMean?

    /// A sum over updates.
    struct UpdateMean: Codable {
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

    var loss: Double? { weight > 0 ? lossSum / weight : nil }
    var accuracy: Double? { weight > 0 ? rightSum / weight : nil }
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

/// A line of metrics.jsonl: what an epoch came to.
struct EpochRecord {
    var epoch: Int
    var updates: Int
    var totals: EpochTotals
    var examples: Int
    var isClassification: Bool
    var validation: Evaluation?
    /// nil where the epoch was validated instead.
    var test: Evaluation?
    var learningRate: Double
    /// Examples of a full batch at its end.
    var batch: Int

    var json: JSON {
        var entries: [(key: String, value: JSON)] = [
            ("time", .string(timestamp())), ("epoch", .int(epoch)), ("updates", .int(updates)),
            ("examples", .int(examples)), ("train_loss", JSON(totals.loss)),
        ]
        if isClassification { entries.append(("train_accuracy", JSON(totals.accuracy))) }
        entries += Evaluation.json(validation, prefix: "validation", isClassification: isClassification)
        entries += Evaluation.json(test, prefix: "test", isClassification: isClassification)
        entries += [
            ("learning_rate", .number(learningRate)), ("batch", .int(batch)), ("seconds", .number(totals.seconds)),
            ("stall", .number((totals.stalled ?? 0) / totals.seconds)),
            ("examples_per_second", .number(Double(totals.examples) / totals.seconds)),
        ]
        if let norms = totals.gradientNorms { entries.append(("gradient_norm", .number(norms.value))) }
        if let ratios = totals.updateRatios { entries.append(("update_ratio", .number(ratios.value))) }
        return .object(entries)
    }
}

/// What metrics.jsonl says of the epochs before a run goes on.
struct PastMetrics {
    private(set) var lines: [String] = []
    private(set) var seconds = 0.0
    /// Seconds in which updates waited for examples.
    private(set) var stalled = 0.0
    private(set) var lastLoss: Double?
    /// Whether the file holds more than the lines that count.
    private(set) var hasMore = false

    private struct Line: Decodable {
        var epoch: Int
        var seconds: Double?
        var stall: Double?
        var trainLoss: Double?

        enum CodingKeys: String, CodingKey {
            case epoch, seconds, stall
            case trainLoss = "train_loss"
        }
    }

    /// Reads the lines of the epochs before `epoch`. Later ones were written after the checkpoint: they, and a line
    /// that was torn, will be written again.
    init(path: String, before epoch: Int) {
        guard let data = FileManager.default.contents(atPath: path) else { return }
        for line in data.split(separator: UInt8(ascii: "\n")) {
            guard let read = try? JSONDecoder().decode(Line.self, from: Data(line)), read.epoch < epoch else {
                hasMore = true
                continue
            }
            lines.append(String(decoding: line, as: UTF8.self))
            seconds += read.seconds ?? 0
            stalled += (read.seconds ?? 0) * (read.stall ?? 0)
            lastLoss = read.trainLoss
        }
        hasMore = hasMore || data.last != UInt8(ascii: "\n")
    }
}

extension RunDirectory {
    /// What the metrics say of the epochs before `epoch`; the file is cut to them.
    func pastMetrics(before epoch: Int) throws -> PastMetrics {
        let past = PastMetrics(path: metrics, before: epoch)
        if past.hasMore {
            try AtomicFile.write(Array(past.lines.map { $0 + "\n" }.joined().utf8), to: metrics)
        }
        return past
    }
}
