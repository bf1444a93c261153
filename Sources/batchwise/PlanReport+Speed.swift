import Batchwise

// The measured part of a plan: the time of an update, the table of micro-batches, and the reason for the chosen one.

extension PlanReport {
    /// The micro-batches that there are, which of them fit the memory, and how fast they are.
    var sizes: String {
        var rows = [["micro-batch", "steps", "memory", "fits", "examples/s", ""]]
        for row in microBatches {
            rows.append([
                grouped(Double(row.size)), grouped(Double(row.accumulationSteps)), byteText(row.bytes),
                row.fits ? "yes" : "no", row.speed, row.isChosen ? "chosen" : "",
            ])
        }
        let limit = run.machine.memory.map { "--memory \(byteText($0))" } ?? "the memory of this machine"
        let batches = plan.growth == nil ? "" : ", for batches of \(grouped(Double(plan.batch)))"
        let isPartlyMeasured = speed != nil && microBatches.contains { $0.fits && $0.examplesPerSecond == nil }
        return "micro-batches on \(counted(plan.workers, "worker")) in \(limit)\(batches)\n" + table(rows)
            + (isPartlyMeasured ? "  -: one pass takes longer than this measurement should\n" : "")
            + brokenLines("micro-batch \(grouped(Double(plan.microBatch))) is chosen: \(reason)", width: 80)
            .joined(separator: "\n") + "\n"
    }

    /// The reason for the chosen micro-batch, in a sentence, with what the measurement says about it.
    var reason: String {
        let measured = microBatches.filter { $0.fits && $0.examplesPerSecond != nil && !$0.isRough }
        guard measured.count > 1, let chosen = measured.first(where: \.isChosen) else { return plan.reason }
        let faster = measured.filter { $0.isFaster(than: chosen) }
            .max { $0.examplesPerSecond ?? 0 < $1.examplesPerSecond ?? 0 }
        guard let faster else { return plan.reason + "; no other that fits was measured to be faster" }
        return plan.reason + "; --micro-batch \(faster.size) was measured to be faster"
    }

    /// One sentence where other programs disturbed the measurement, with the range of what was measured.
    var roughness: String? {
        if let speed, speed.isRough {
            guard let low = speed.low, let high = speed.high else {
                return "the machine was busy: times are rough, and an update takes too long to be measured again"
            }
            let examples = speed.examplesPerSecond * speed.secondsPerUpdate
            return "the machine was busy: times are rough, between \(duration(examples / high)) and "
                + "\(duration(examples / low)) an update"
        }
        let rough = microBatches.filter(\.isRough)
        guard let low = rough.compactMap(\.low).min(), let high = rough.compactMap(\.high).max() else { return nil }
        return "the machine was busy: speeds of some micro-batches are rough, between \(grouped(low)) and "
            + "\(grouped(high)) examples/s"
    }
}

extension Plan.MicroBatch {
    /// The speed with its spread.
    fileprivate var speed: String {
        guard let examplesPerSecond else { return "-" }
        return grouped(examplesPerSecond) + spread(low, examplesPerSecond, high)
    }
}

extension Plan.Speed {
    var text: String {
        let loading =
            loadingSeconds.map { ", of which reading a batch \(duration($0)) beside the update before" } ?? ""
        let parts =
            passShare.map { " (forward and backward \(percent($0)), sums and update \(percent(1 - $0)))" } ?? ""
        return
            "time: \(duration(secondsPerUpdate)) an update\(parts)\(loading), \(duration(secondsPerEpoch)) an epoch, "
            + "\(grouped(examplesPerSecond)) examples/s\(spread(low, examplesPerSecond, high))\n"
            + "measured: \(measured), on parameters that nobody keeps; evaluations and checkpoints come on top\n"
    }
}

/// " +-3%": how far the lowest and the highest are from a value, the further of both; nothing where they are unknown.
private func spread(_ low: Double?, _ value: Double, _ high: Double?) -> String {
    guard let low, let high else { return "" }
    return " +-\(Int((100 * max(high - value, value - low) / value).rounded(.up)))%"
}

/// 12 us, 3.4 ms, then as `shownTime`.
private func duration(_ seconds: Double) -> String {
    seconds < 1e-3
        ? "\(significant(seconds * 1e6)) us" : seconds < 1 ? "\(significant(seconds * 1e3)) ms" : shownTime(seconds)
}
