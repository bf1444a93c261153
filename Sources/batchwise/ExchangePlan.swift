import Batchwise
import BatchwiseData
import Foundations

/// The bytes that several processes exchange in an update: of `batchwise plan --workers`.
struct ExchangePlan {
    let workers, hosts: Int
    /// The plan of each process: threads, micro-batches.
    let plan: Plan
    let traffic: UpdateTraffic
    let exchanges: [UpdateTraffic.Exchange]
    /// The bytes that each process owns, and that all others receive.
    let own: [Int]
    /// The bytes that the processes of one machine copy, where there is only one machine.
    let copied: Int
    private let isSingle: Bool

    init(_ run: PreparedRun, data: LoadedData, workers: Int, hosts: Int) throws {
        guard run.recipe.separateReplicas == nil, run.recipe.asynchronous == nil else {
            throw Failure(
                .usage,
                "plan --workers counts the bytes of synchronous training: leave out replicas and asynchronous, or see what "
                    + "they save by batchwise simulate cluster")
        }
        var machine = run.machine
        (machine.ranks, machine.rank) = (workers, 0)
        // as many threads as a process finds cores, where others of its machine have as many
        machine.coresOfProcess = max(1, machine.cores * hosts / workers)
        let planned = try Trainer.prepare(
            run.recipe, data: data.train, validation: data.validation, machine: machine)
        let batch = planned.largestBatch
        (self.workers, self.hosts, plan, traffic) = (workers, hosts, planned.plan, planned.traffic)
        exchanges = planned.exchanges(batch: batch)
        own = planned.ownBytes(batch: batch)
        copied = planned.copiedBytes(batch: batch)
        rows = batch
        isSingle = batch == 1
    }

    /// The examples of an update.
    private let rows: Int
    private var total: Int { exchanges.reduce(0) { $0 + $1.bytes } }
    private var hasMessages: Bool { hosts > 1 && workers > 1 }
    private var least: Int { own.min() ?? 0 }
    private var most: Int { own.max() ?? 0 }

    // MARK: JSON

    var json: JSON {
        .object([
            ("workers", .int(workers)), ("hosts", .int(hosts)), ("threads", .int(plan.workers / workers)),
            ("batch", .int(rows)),
            (
                "layers",
                .array(
                    traffic.layers.map { layer in
                        .object([
                            ("name", .string(layer.name)), ("rows", .int(layer.rowBytes(batch: rows))),
                            ("sums", .int(layer.sumBytes)), ("parameters", .int(layer.sumBytes)),
                            ("fewer", .string(layer.hasFewerSums(batch: rows) ? "sums" : "rows")),
                        ])
                    })
            ),
            (
                "exchanges",
                .array(
                    exchanges.map {
                        .object([
                            ("numbers", .string($0.kind.rawValue)), ("count", .int($0.count)),
                            ("bytes", .int($0.bytes)),
                        ])
                    })
            ),
            ("bytes", .int(hasMessages ? total : 0)),
            ("own", .object([("least", .int(least)), ("most", .int(most))])),
            ("received", .object(hasMessages ? received : [("least", .int(0)), ("most", .int(0))])),
            ("copied", .int(hosts == 1 && workers > 1 ? copied : 0)),
            ("all_reduce_sent", .number(2 * Double(workers - 1) / Double(workers) * Double(traffic.gradientBytes))),
        ])
    }

    private var received: [(key: String, value: JSON)] {
        [("least", .int(total - most)), ("most", .int(total - least))]
    }

    // MARK: Text

    var text: String {
        let threads = plan.workers / workers
        let place = "\(counted(workers, "worker")) on \(counted(hosts, "machine"))"
        var lines = wrapped(
            "exchange: an update of \(counted(rows, "example")) by \(place), each a process of "
                + "\(counted(threads, "thread"))", width: 80)
        guard workers > 1 else { return (lines + ["  one process exchanges nothing"]).joined(separator: "\n") + "\n" }
        lines += table
        lines += wrapped(
            "rows: numbers that gradients are computed from. sums: what each process would hand on or send instead. "
                + "parameters: the slices after the update. All are bytes of all processes together, which every process "
                + "receives but for its own.", width: 80
        )
        lines += hasMessages ? messages : memory
        let sums = traffic.layers.filter { $0.hasFewerSums(batch: rows) }.map(\.name)
        if hasMessages, !sums.isEmpty {
            lines += wrapped(
                "Between machines Batchwise always exchanges rows; sums would be fewer bytes for: "
                    + "\(sums.joined(separator: ", ")).", width: 80)
        }
        if isSingle {
            lines += wrapped(
                "Plain SGD of a linear model with batches of one exchanges nothing: each process makes all updates.",
                width: 80)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var table: [String] {
        func row(_ name: String, _ rows: Int, _ sums: Int, _ fewer: String) -> [String] {
            [name, byteText(rows), byteText(sums), byteText(sums), fewer]
        }
        var cells = traffic.layers.map { layer in
            let fewer = layer.gradientFloats == 0 ? "" : layer.hasFewerSums(batch: rows) ? "sums" : "rows"
            return row(layer.name, layer.rowBytes(batch: rows), layer.sumBytes, fewer)
        }
        cells.append(row("all", 4 * rows * traffic.rowFloats, traffic.gradientBytes, ""))
        return Columns(header: ["layer", "rows", "sums", "parameters", "fewer"], rows: cells).lines.map { "  \($0)" }
    }

    private var messages: [String] {
        let parts = exchanges.map { exchange in
            "\(exchange.kind.rawValue) \(byteText(exchange.bytes))"
                + (exchange.count > 1 ? " in \(exchange.count) messages" : "")
        }
        func range(_ low: Int, _ high: Int) -> String {
            let (low, high) = (byteText(low), byteText(high))
            return low == high ? low : "\(low) to \(high)"
        }
        let sent = byteText(Int(2 * Double(workers - 1) / Double(workers) * Double(traffic.gradientBytes)))
        return wrapped(
            "messages: \(parts.joined(separator: ", ")). A worker gives \(range(least, most)) of its own and receives "
                + "\(range(total - most, total - least)); in a ring it sends as much as it receives. "
                + "A ring all-reduce of the gradients would send \(sent).", width: 80)
    }

    private var memory: [String] {
        wrapped(
            "One machine sends no messages: its processes read each other's rows "
                + (copied < total / 2 ? "and parameters " : "")
                + "in shared memory, and copy \(byteText(copied)) an update.",
            width: 80)
    }
}
