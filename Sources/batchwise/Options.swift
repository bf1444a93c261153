import ArgumentParser
import Batchwise
import BatchwiseData
import Foundations

/// `--json`, in every command.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write exactly one JSON object to standard output.")
    var json = false
}

/// `--set`, in every command.
struct SettingOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Set a key of the recipe, for example batch.size=512 when training. May be given several times.",
            valueName: "path=value"))
    var texts: [String] = []

    func settings() throws -> [Setting] {
        try texts.map { try Setting($0) }
    }
}

/// `--threads`, where something is computed.
struct ThreadOptions: ParsableArguments {
    @Option(help: "Worker threads; without it one a core.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
    }

    var machine: Machine { Machine(threads: threads) }
}

/// The options that belong to the machine when training: none of them can change a bit of the result.
struct MachineOptions: ParsableArguments {
    @OptionGroup var threads: ThreadOptions

    @Option(help: "Examples of one forward and backward pass on one worker; without it the plan chooses.")
    var microBatch: Int?

    @Option(help: "Micro-batches that one worker runs for one update; without it they follow from the others.")
    var accumulation: Int?

    @Option(
        help:
            "Bytes that updates may use for everything but the data set, for example 512MiB; evaluations and checkpoints come on top."
    )
    var memory: MemorySize?

    @Option(help: "Bytes of features held in memory, for example 2GiB; larger arrays are read as they are needed.")
    var dataMemory: MemorySize?

    @Option(help: "Threads that read and augment examples ahead of training; without it one a core.")
    var loadingThreads: Int?

    func validate() throws {
        if let loadingThreads, !(0...256).contains(loadingThreads) {
            throw ValidationError("--loading-threads must be from 0 to 256")
        }
        if let accumulation, accumulation < 1 { throw ValidationError("--accumulation must be at least 1") }
        if let microBatch, microBatch < 1 { throw ValidationError("--micro-batch must be at least 1") }
    }

    var machine: Machine {
        Machine(
            threads: threads.threads, microBatch: microBatch, accumulation: accumulation, memory: memory?.bytes,
            loadingThreads: loadingThreads)
    }
}

/// A number of bytes as people write it: 512MiB, 2GB, 1000000.
struct MemorySize: FormedArgument {
    static var form: String { "a number of bytes such as 512MiB, 2GiB, 500MB or 1000000" }

    let bytes: Int

    init?(form argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let units: [String: Double] = [
            "": 1, "b": 1, "k": 0x1p10, "kb": 1e3, "kib": 0x1p10, "m": 0x1p20, "mb": 1e6, "mib": 0x1p20,
            "g": 0x1p30, "gb": 1e9, "gib": 0x1p30, "t": 0x1p40, "tb": 1e12, "tib": 0x1p40,
        ]
        let unit = argument.dropFirst(digits.count).trimming(" ").lowercased()
        guard let number = Double(digits), let factor = units[unit] else { return nil }
        let bytes = number * factor
        guard bytes >= 1, bytes < 0x1p62 else { return nil }
        self.bytes = Int(bytes)
    }
}
