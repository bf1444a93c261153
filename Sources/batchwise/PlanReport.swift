import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

/// The report of `batchwise plan`.
struct PlanReport {
    let run: PreparedRun
    let data: LoadedData
    var notices: [String] = []
    var paper: PaperPlan?
    /// The bytes that processes exchange, where their number is asked for.
    var exchange: ExchangePlan?
    var speed: Plan.Speed?
    var microBatches: [Plan.MicroBatch] = []
    /// The learning rate over the run, where that is asked for.
    var rateChart: RateChart?

    var plan: Plan { run.plan }
    private var totalUpdates: Int { run.schedule.updates(beforeBatch: 0, ofEpoch: run.recipe.epochs + 1) }
    /// The number of updates until the rate is at its highest.
    private var warmupUpdates: Double { run.rate.warmup / Double(run.largestBatch) }

    var json: JSON {
        var plan = plan
        plan.notices = notices
        plan.reason = reason
        return .object(
            plan.entries + [
                ("examples", .int(run.schedule.examples)), ("epochs", .int(run.recipe.epochs)),
                ("updates", .int(totalUpdates)), ("rate", rate),
                ("speed", speed?.json ?? .null), ("micro_batches", .array(microBatches.map(\.json))),
                ("largest_micro_batch", microBatches.last { $0.fits }.map { .int($0.size) } ?? .null),
                ("paper", paper?.json ?? .null), ("exchange", exchange?.json ?? .null),
            ])
    }

    var text: String {
        var text = "\(data.text)\n\(plan.description)\n\(schedule)\n"
        if let rateChart { text += "\n" + rateChart.lines(width: 80, height: 8).joined(separator: "\n") + "\n\n" }
        if let speed { text += speed.text }
        text += "\n" + layers + "\n" + sizes
        if let paper { text += "\nthe paper's run\n" + paper.text }
        if let exchange { text += "\n" + exchange.text }
        if !notices.isEmpty { text += "\n" }
        for notice in notices { text += "note: \(notice)\n" }
        return text
    }

    private var schedule: String {
        // with AdaScale a gain below its largest makes more of them
        let least = run.recipe.learningRate.scaling == .adaScale ? "at least " : ""
        let warmup =
            run.rate.warmup > 0
            ? ", after a warmup of \(least)\(counted(Int(warmupUpdates.rounded(.up)), "update")) from "
                + significant(run.rate.start) : ", without warmup"
        return
            "\(least)\(counted(totalUpdates, "update")) in \(counted(run.recipe.epochs, "epoch")), at a rate of up to "
            + "\(significant(run.rate.peak))\(rule)\(warmup)"
    }

    /// The derivation of the peak from the base rate, in words.
    private var rule: String {
        let rate = run.recipe.learningRate
        guard rate.scaling != .none, let reference = rate.atBatch else { return "" }
        if rate.scaling == .adaScale { return " (for a batch of \(reference)), times the gain of each update" }
        return " (\(significant(rate.base)) at a batch of \(reference), times \(significant(factor)) by the "
            + "\(word("scaling")) rule)"
    }

    /// The name that the recipe has at a key of the learning rate, without its settings.
    private func word(_ key: String) -> String {
        switch run.recipe.learningRate.notation[key] {
        case .string(let name): name
        case .map(let entries): entries.first?.key ?? ""
        default: "none"
        }
    }

    private var factor: Double { run.rate.peak / run.recipe.learningRate.base }

    private var rate: JSON {
        let rate = run.recipe.learningRate
        return .object([
            ("base", .number(rate.base)), ("at_batch", rate.atBatch.map { .int($0) } ?? .null),
            ("scaling", .string(word("scaling"))), ("factor", .number(factor)),
            ("start", .number(run.rate.start)),
            ("peak", .number(run.rate.peak)), ("warmup_updates", .int(Int(warmupUpdates.rounded(.up)))),
            ("decay", .string(word("decay"))),
            ("points", rateChart?.points(101) ?? .null),
        ])
    }

    private var layers: String {
        var rows = [["layer", "parameters", "tensors", "at the fullest"]]
        var details = [""]
        for layer in plan.layers {
            rows.append([
                layer.name, grouped(Double(layer.parameters)), byteText(layer.bytes), byteText(layer.peakBytes),
            ])
            details.append(
                layer.tensors.map { "\($0.name) \($0.bytes == 0 ? "in place" : grouped(Double($0.floats)))" }
                    .joined(separator: ", "))
        }
        let sum = plan.layers.reduce(0) { $0 + $1.bytes }
        return
            "activations: \(byteText(plan.bytes.activations)) hold tensors of \(byteText(sum)), for those that are not needed "
            + "at the same time share memory;\nat the fullest is what each layer has in use when most is\n"
            + table(rows, details: details, title: "floats of an example")
    }

    /// A table of columns: the first and the last are aligned to the left, numbers to the right.
    func table(_ rows: [[String]], details: [String]? = nil, title: String = "") -> String {
        let widths = rows[0].indices.map { column in rows.reduce(0) { max($0, $1[column].count) } }
        var text = ""
        for (number, row) in rows.enumerated() {
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 || cell.isEmpty ? cell + padding : padding + cell
            }
            var line = "  " + cells.joined(separator: "  ")
            let indent = line.count + 2
            // a detail that is long goes on below, under itself
            let detail = brokenLines(
                details.map { number == 0 ? title : $0[number] } ?? "", width: max(24, 80 - indent))
            if let first = detail.first { line += "  " + first }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
            for more in detail.dropFirst() { text += String(repeating: " ", count: indent) + more + "\n" }
        }
        return text
    }
}
