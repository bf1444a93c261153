import ArgumentParser
import Batchwise
import BatchwiseExperiments
import Foundations

/// `batchwise measure memory`
struct MeasureMemory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Measure the memory of training over the batch size, beside the plan.",
        discussion: """
            For each batch size a trainer is made and runs two updates; the growth of the
            process stands beside the bytes of the plan, the data set left out. The system
            counts whole pages, and only those that were touched.

            Examples:
              batchwise measure memory digits
              batchwise measure memory recipe.yaml --batches 64,1024,16384 \\
                --memory 256MiB --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "Batch sizes with commas between them; without it 1, 8, 32, 128 and so on, and the recipe's.")
    var batches: BatchList?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let (subject, _) = try options.subject()
        let display = TextDisplay()
        defer { display.clear() }
        let measured = try MemoryMeasurement(subject, batches: batches?.sizes, progress: display.draw)
        display.clear()
        if output.json { return try Output.write(measured.json) }
        let table = Columns(
            header: ["batch", "micro-batch", "planned", "taken"],
            rows: measured.rows.map {
                [
                    grouped(Double($0.batch)), grouped(Double($0.microBatch)), byteText($0.planned),
                    $0.taken.map { byteText($0) } ?? "-",
                ]
            })
        let lines = ["memory of training \(options.source) beside its data", ""] + table.lines.map { "  \($0)" }
        try Output.write(lines.joined(separator: "\n") + "\n")
    }
}

extension MemoryMeasurement {
    fileprivate var json: JSON { .object([("batches", .array(rows.map(json(of:))))]) }

    private func json(of row: Row) -> JSON {
        .object([
            ("batch", .int(row.batch)), ("micro_batch", .int(row.microBatch)), ("planned", .int(row.planned)),
            ("taken", row.taken.map { .int($0) } ?? .null),
        ])
    }
}
