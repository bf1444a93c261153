import Foundations
import Batchwise
import BatchwiseData
import Foundation

/// The folder of a run: its recipe and plan, the metrics of every epoch, checkpoints and model.
struct RunDirectory {
    let path: String

    var recipe: String { path + "/recipe.yaml" }
    var plan: String { path + "/plan.json" }
    var metrics: String { path + "/metrics.jsonl" }
    var checkpoints: CheckpointFolder { CheckpointFolder(path: path + "/checkpoints") }
    var model: String { path + "/model.safetensors" }

    /// A run that is there, to go on with.
    init(existing path: String) throws {
        self.path = path
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Failure(.missingInput, "\(path): no such run; --resume needs the directory of a run")
        }
        guard status.st_mode & S_IFMT == S_IFDIR, access(recipe, F_OK) == 0 else {
            throw Failure(.missingInput, "\(path): is not the directory of a run, for it holds no recipe.yaml")
        }
    }

    /// Makes sure that a run may be put into the directory that was asked for, before anything is computed.
    static func requireFree(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw Failure(.cannotCreate, "\(path): cannot create the run directory: \(systemReason())")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(.cannotCreate, "\(path): is a file; name a new or empty directory with --run")
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw Failure(.cannotCreate, "\(path): the directory cannot be read")
        }
        // a run that was killed before its recipe was written is none yet
        guard names.allSatisfy(AtomicFile.isLeftover) else {
            let isRun = names.contains("recipe.yaml")
            throw Failure(
                .cannotCreate,
                "\(path): \(isRun ? "already holds a run" : "is not empty"); name a new directory with --run"
                    + (isRun ? ", or go on with it by --resume \(shellQuoted(path))" : ""))
        }
    }

    /// Creates the directory of a new run: the one asked for, or a new one in `runs` named by source and time.
    init(creating path: String?, source: String) throws {
        if let path {
            try Self.requireFree(path)
            try Self.createFolder(path)
            self.path = path
            removeLeftovers()
            return
        }
        let stem = "runs/\(source)-\(timestamp(compact: true))"
        try Self.createFolder("runs")
        for number in 1...1000 {
            let path = number == 1 ? stem : "\(stem)-\(number)"
            if mkdir(path, 0o777) == 0 {
                self.path = path
                return
            }
            guard errno == EEXIST else { break }
        }
        throw Failure(.cannotCreate, "\(stem): cannot create the run directory: \(systemReason())")
    }

    private static func createFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard mkdir(made, 0o777) == 0 || errno == EEXIST else {
                throw Failure(.cannotCreate, "\(path): cannot create the run directory: \(systemReason())")
            }
        }
    }

    /// Keeps other processes from training in this directory until this one ends.
    func lock() throws {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Failure(.inputOutput, "\(path): cannot be opened: \(systemReason())") }
        // the descriptor stays open, and with it the lock, as long as the process lives
        guard flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            throw Failure(.cannotCreate, "\(path): another process is training in this run; wait for it, or end it")
        }
    }

    /// Removes what was being written when the process before was killed; call only with the lock.
    func removeLeftovers() {
        for folder in [path, checkpoints.path] { AtomicFile.removeLeftovers(in: folder) }
    }

    func write(_ recipe: Recipe) throws {
        let notation = try recipe.notation().withAbsolutePaths()
        try AtomicFile.write(Array(try notation.yaml().utf8), to: self.recipe)
    }

    func write(_ plan: Plan) throws {
        try AtomicFile.write(Array((plan.json.text + "\n").utf8), to: self.plan)
    }
}

/// A text as one word of a shell.
func shellQuoted(_ text: String) -> String {
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "/-_.+:@%".contains($0) }
    return isPlain && !text.isEmpty
        ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}

/// The time now in UTC: 2026-01-31T12:00:00Z, or 20260131T120000Z.
func timestamp(compact: Bool = false) -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = ["\(parts.tm_year + 1900)", two(parts.tm_mon + 1), two(parts.tm_mday)]
    let clock = [two(parts.tm_hour), two(parts.tm_min), two(parts.tm_sec)]
    return date.joined(separator: compact ? "" : "-") + "T" + clock.joined(separator: compact ? "" : ":") + "Z"
}
