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
    /// The layers whose sums are handed over.
    let handed: [Bool]
    /// The bytes that each process owns, and that all others receive; and those of sums that it receives beside.
    let own, sums: [Int]
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
        (machine.ranks, machine.rank, machine.machines) = (workers, 0, hosts)
        // as many threads as a process finds cores, where others of its machine have as many
        machine.coresOfProcess = max(1, machine.cores * hosts / workers)
        let planned = try Trainer.prepare(
            run.recipe, data: data.train, validation: data.validation, machine: machine)
        let batch = planned.largestBatch
        (self.workers, self.hosts, plan, traffic) = (workers, hosts, planned.plan, planned.traffic)
        exchanges = planned.exchanges(batch: batch)
        handed = planned.handedLayers
        own = planned.ownBytes(batch: batch)
        sums = planned.receivedSums(batch: batch)
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
                    rowsByLayer.map { name, rows, sums, way in
                        .object([
                            ("name", .string(name)), ("rows", .int(rows)), ("sums", .int(sums)),
                            ("parameters", .int(sums)), ("way", .string(way)),
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

    /// The bytes that each process receives.
    private var receivedBytes: [Int] {
        let owned = own.reduce(0, +)
        return zip(own, sums).map { owned - $0 + $1 }
    }

    private var received: [(key: String, value: JSON)] {
        [("least", .int(receivedBytes.min() ?? 0)), ("most", .int(receivedBytes.max() ?? 0))]
    }

    /// The bytes of each layer and of the losses by either way, and the way that is taken between machines.
    private var rowsByLayer: [(name: String, rows: Int, sums: Int, way: String)] {
        let floats = traffic.rowFloatsByLayer
        let layers = traffic.layers.enumerated().map { index, layer in
            (
                layer.name, 4 * rows * floats[index], layer.sumBytes,
                layer.gradientFloats == 0 || !hasMessages ? "" : handed[index] ? "sums" : "rows"
            )
        }
        return layers + [("loss", 4 * rows * floats[traffic.layers.count], 0, "")]
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
            "rows: numbers that gradients are computed from, which all processes receive but for their own. sums: what "
                + "each process would hand over to the next for every sum under way. parameters: the slices after the "
                + "update, which all receive. Bytes of all processes together.", width: 80
        )
        lines += hasMessages ? messages : memory
        if isSingle {
            lines += wrapped(
                "Plain SGD of a linear model with batches of one exchanges nothing: each process makes all updates.",
                width: 80)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var table: [String] {
        var cells = rowsByLayer.map { [$0.name, byteText($0.rows), byteText($0.sums), byteText($0.sums), $0.way] }
        let bytes = byteText(traffic.gradientBytes)
        cells.append(["all", byteText(4 * rows * traffic.rowFloats), bytes, bytes, ""])
        return Columns(header: ["layer", "rows", "sums", "parameters", "way"], rows: cells).lines.map { "  \($0)" }
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
            "messages: \(parts.joined(separator: ", ")). A worker gives \(range(least, most)) of its own to all others and "
                + "receives \(range(receivedBytes.min() ?? 0, receivedBytes.max() ?? 0)). "
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
