import Batchwise
import BatchwiseExperiments
import Foundations

/// The report of `batchwise simulate cluster`.
struct ClusterPrediction {
    let name: String
    let model: ClusterModel
    let workers: [Int]
    /// The way of `points` in JSON.
    let way: ClusterWay
    let notes: [String]

    private func points(_ way: ClusterWay) -> [ClusterModel.Point] { workers.map { model.point(way, workers: $0) } }

    // MARK: JSON

    var json: JSON {
        .object([
            ("points", .array(points(way).map { json($0, way) })),
            ("ways", .array(ClusterWay.allCases.map(json))),
            ("seconds", .number(model.time.seconds)), ("seconds_per_example", .number(model.time.secondsPerExample)),
            ("kink", JSON(model.time.kink?.batch)),
            (
                "seconds_per_example_beyond",
                JSON(model.time.kink.map { model.time.secondsPerExample + $0.change })
            ),
            ("latency", .number(model.network.latency)), ("bandwidth", .number(model.network.bandwidth)),
            ("row_numbers", .int(model.traffic.rowFloats)), ("parameters", .int(model.traffic.gradientBytes / 4)),
            ("critical_batch", JSON(model.goal?.criticalBatch)), ("fewest_updates", JSON(model.goal?.fewestUpdates)),
            ("local_updates", .int(model.localUpdates)), ("backup", .number(model.backupShare)),
            ("scaling", .string(isWeak ? "weak" : "strong")), ("notes", .array(notes.map { .string($0) })),
        ])
    }

    private func json(_ way: ClusterWay) -> JSON {
        let limit = ClusterLimit(model, way)
        return .object([
            ("way", .string(way.rawValue)), ("points", .array(points(way).map { json($0, way) })),
            ("half_efficiency_workers", limit.halfEfficiency.map { .int($0) } ?? .null),
            ("half_workers", limit.half.map { .int($0) } ?? .null), ("limit", .string(limit.cause.rawValue)),
            ("fastest_workers", .int(limit.fastest.workers)), ("fastest_speed_up", .number(limit.fastest.speedUp)),
            ("sentence", .string(sentence(way, limit))),
        ])
    }

    private func json(_ point: ClusterModel.Point, _ way: ClusterWay) -> JSON {
        .object([
            ("way", .string(way.rawValue)), ("workers", .int(point.workers)), ("batch", .int(point.batch)),
            ("seconds_per_update", .number(point.secondsPerUpdate)), ("efficiency", .number(point.efficiency)),
            ("seconds_to_goal", JSON(point.secondsToGoal)), ("updates", JSON(point.updates)),
            ("goal_efficiency", JSON(point.goalEfficiency)), ("network_seconds", .number(point.networkSeconds)),
            (
                "losses",
                .array(
                    point.losses.map {
                        .object([("cause", .string($0.cause.rawValue)), ("factor", .number($0.factor))])
                    })
            ),
        ])
    }

    // MARK: Text

    private var isWeak: Bool { if case .weak = model.scaling { true } else { false } }

    /// Where scaling stops paying, in a sentence.
    func sentence(_ way: ClusterWay, _ limit: ClusterLimit) -> String {
        let end =
            limit.half.map { "pays up to \(counted($0 - 1, "worker"))" }
            ?? "pays beyond \(counted(ClusterLimit.most, "worker"))"
        let lost =
            limit.halfEfficiency.map { "efficiency under 50% from \(grouped(Double($0)))" }
            ?? "efficiency stays above 50%"
        return "\(way.rawValue): \(end), then \(limit.cause.rawValue); \(lost); fastest with "
            + "\(grouped(Double(limit.fastest.workers))), \(significant(limit.fastest.speedUp)) times one"
    }

    var text: String {
        let ways = ClusterWay.allCases
        let all = ways.map(points)
        func table(_ title: String, _ cell: (ClusterModel.Point) -> String) -> [String] {
            let rows = workers.indices.map { place in
                [grouped(Double(workers[place]))] + all.map { cell($0[place]) }
            }
            return [title] + Columns(header: ["workers"] + ways.map(\.rawValue), rows: rows).lines.map { "  \($0)" }
                + [""]
        }
        var lines = heading + [""]
        lines += table("efficiency: examples a second, over as many workers times one alone") { percent($0.efficiency) }
        if model.goal != nil {
            lines += table("time to the goal") { $0.secondsToGoal.map(span) ?? "-" }
        } else {
            lines += table("time of an update") { shortTime($0.secondsPerUpdate) }
        }
        lines.append(
            model.goal == nil
                ? "K workers pay while they are more than K / 2 times as fast as one:"
                : "K workers pay while they reach the goal more than K / 2 times as soon as one:")
        for way in ways {
            let sentence = wrapped(sentence(way, ClusterLimit(model, way)), width: 76)
            lines += sentence.enumerated().map { ($0 == 0 ? "  " : "    ") + $1 }
        }
        if !notes.isEmpty { lines.append("") }
        for note in notes { lines += wrapped("note: \(note)", width: 80) }
        return lines.joined(separator: "\n") + "\n"
    }

    private var heading: [String] {
        let size = isWeak ? "\(counted(model.share, "example")) a worker" : "\(counted(model.share, "example")) in all"
        var time = "T(B) = \(shortTime(model.time.seconds)) + \(shortTime(model.time.secondsPerExample)) B"
        if let kink = model.time.kink {
            let beyond = shortTime(model.time.secondsPerExample + kink.change)
            time += " up to B = \(grouped(kink.batch)), then \(beyond) an example"
        }
        let bandwidth = significant(model.network.bandwidth * 8 / 1e9)
        var lines = ["\(name): \(isWeak ? "weak" : "strong") scaling, \(size)", "  one worker: \(time)"]
        lines += [
            "  network: \(shortTime(model.network.latency)) and \(bandwidth) Gbit/s; stragglers: \(spread)",
            "  to move: \(grouped(Double(model.traffic.rowFloats))) numbers an example, "
                + "\(grouped(Double(model.traffic.gradientBytes / 4))) parameters",
        ]
        if let goal = model.goal {
            lines.append(
                "  goal: critical batch \(significant(goal.criticalBatch)), "
                    + "at least \(grouped(goal.fewestUpdates)) updates")
        }
        lines.append(
            "  local: an average every \(counted(model.localUpdates, "update")); backup: "
                + "\(percent(model.backupShare)) of the workers")
        return lines
    }

    private var spread: String {
        switch model.stragglers {
        case .none: "none"
        case .lognormal(let spread): "lognormal, \(percent(spread))"
        case .exponential(let spread): "exponential, \(percent(spread))"
        }
    }
}

extension ClusterModel {
    /// The examples of an update of one worker alone.
    fileprivate var share: Int {
        switch scaling {
        case .weak(let batch), .strong(let batch): batch
        }
    }
}

/// 3.4 ms, 12.3 s, 3:07, 2:05:00, 17 days.
private func span(_ seconds: Double) -> String {
    if seconds < 1 { return shortTime(seconds) }
    return seconds < 864_000 ? shownTime(seconds) : "\(grouped(seconds / 86_400)) days"
}
