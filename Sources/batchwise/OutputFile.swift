import ArgumentParser
import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// `--force`, where a command writes a file that the user names.
struct ForceOptions: ParsableArguments {
    @Flag(help: "Replace a file that is there. An input of the same command is never replaced.")
    var force = false
}

/// A file that a command was asked to write. Nothing that is there is lost: an input of the command never, and another
/// file only by `--force`.
struct OutputFile {
    let path: String
    private let isForced: Bool
    private let inputs: InputFiles

    /// Checks the place before the work begins.
    init(_ path: String, force: ForceOptions, inputs: InputFiles) throws {
        self.path = path
        self.inputs = inputs
        isForced = force.force
        try check()
        let folder = AtomicFile.folder(of: path)
        guard access(folder, W_OK | X_OK) == 0 else {
            throw FileError.cannotCreate(path: path, reason: systemReason())
        }
    }

    /// Puts the file in its place. Without `--force`, a file that came there while the command worked stays too.
    func write(_ bytes: [UInt8]) throws {
        try check()
        do {
            try AtomicFile.write(bytes, to: path, replacing: isForced)
        } catch {
            if !isForced { try check() }
            throw error
        }
    }

    private func check() throws {
        guard FileIdentity.isTaken(path) else { return }
        if inputs.contain(path) {
            throw Failure(.cannotCreate, "\(path): is an input of this command, and stays; name another file")
        }
        var status = stat()
        let kind = stat(path, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
        guard kind == S_IFREG else {
            throw Failure(.cannotCreate, "\(path): is \(kind == S_IFDIR ? "a folder" : "no regular file"); name a file")
        }
        guard isForced else {
            throw Failure(.cannotCreate, "\(path): is there already; name another file, or replace it with --force")
        }
    }
}

extension InputFiles {
    /// The files that a command reads of a recipe, and the file that holds it.
    init(_ recipe: Recipe, in source: String) {
        self.init()
        if source != DataSource.digits { add(source) }
        if let data = recipe.data { add(data) }
    }

    /// Adds a model file, or the files of a run.
    mutating func add(model path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return add(path) }
        let names = ["recipe.yaml", "plan.json", "events.jsonl", "model.safetensors"]
        let checkpoints = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/checkpoints")) ?? []
        for name in names + checkpoints.map({ "checkpoints/\($0)" }) { add("\(path)/\(name)") }
    }
}
