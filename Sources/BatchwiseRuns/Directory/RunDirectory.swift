import Batchwise
import Foundation
import Foundations

/// The folder of a run: its recipe and plan, the log of its events, checkpoints and model.
package struct RunDirectory: Sendable {
    package let path: String
    /// Whether this process writes the files: among processes that train together, the first alone does.
    private(set) var isWritten = true

    package var recipe: String { path + "/recipe.yaml" }
    package var plan: String { path + "/plan.json" }
    package var events: String { path + "/events.jsonl" }
    package var checkpoints: CheckpointFolder { CheckpointFolder(path: path + "/checkpoints") }
    package var model: String { path + "/model.safetensors" }

    /// The file in the directory of a sweep that says what varies.
    package static let sweepFile = "sweep.yaml"

    /// The directory that the first of several processes writes.
    init(ofFirst path: String) {
        self.path = path
        isWritten = false
    }

    /// Opens the directory of an existing run.
    package init(existing path: String) throws {
        self.path = path
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw RunError.inputOutput(path, reason: "cannot be read: \(AtomicFile.systemReason())")
            }
            throw RunError.noSuchRun(path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw RunError.notARun(path, reason: "it is a file") }
        if access(recipe, F_OK) == 0 { return }
        guard errno == ENOENT else {
            throw RunError.inputOutput(recipe, reason: "cannot be read: \(AtomicFile.systemReason())")
        }
        throw try withoutRecipe()
    }

    /// The error for a directory that holds no recipe: of another program, of a run that has lost it, or of none yet.
    private func withoutRecipe() throws -> RunError {
        if FoldsDirectory.isAt(path) { return .crossValidation(path) }
        if access("\(path)/\(Self.sweepFile)", F_OK) == 0 { return .sweep(path) }
        if access(events, F_OK) == 0 || (try? checkpoints.files().isEmpty) == false {
            return .damagedRun(path, missing: "recipe.yaml")
        }
        if try Self.names(in: path).allSatisfy({ AtomicFile.isLeftover($0) || LaunchFile.isOfSupervisor($0) }) {
            return .notBegun(path)
        }
        return .notARun(path, reason: "it holds no recipe.yaml")
    }

    private static func names(in path: String) throws -> [String] {
        guard let folder = opendir(path) else {
            throw RunError.inputOutput(path, reason: "cannot be read: \(AtomicFile.systemReason())")
        }
        closedir(folder)
        return try FileManager.default.contentsOfDirectory(atPath: path)
    }

    /// Makes sure that a run may be put into the directory that was asked for, before anything is computed. Another
    /// process may come first all the same: see `clear()`.
    package static func requireFree(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw RunError.cannotCreate(path, reason: AtomicFile.systemReason())
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw RunError.isAFile(path)
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw RunError.unreadableDirectory(path)
        }
        // a run that was killed before its recipe was written is none yet
        guard names.allSatisfy({ AtomicFile.isLeftover($0) || LaunchFile.isOfSupervisor($0) }) else {
            throw RunError.occupied(
                path, isRun: names.contains("recipe.yaml") || names.contains(FoldsDirectory.fileName))
        }
    }

    /// Creates the directory of a new run: the one asked for, or a new one in `runs` named by source and time. It
    /// belongs to the process that locks it and then calls `clear()`.
    package init(creating path: String?, source: String) throws {
        if let path {
            try Self.requireFree(path)
            try Self.createFolder(path)
            self.path = path
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
        throw RunError.cannotCreate(stem, reason: AtomicFile.systemReason())
    }

    private static func createFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard mkdir(made, 0o777) == 0 || errno == EEXIST else {
                throw RunError.cannotCreate(path, reason: AtomicFile.systemReason())
            }
        }
    }

    /// Makes sure, while the lock is held, that no other process has begun a run here in the meantime, and removes what
    /// a killed one has left.
    package func clear() throws {
        guard isWritten else { return }
        try Self.requireFree(path)
        removeLeftovers()
    }

    /// Removes the files that a killed process left unfinished; call this only while the lock is held.
    func removeLeftovers() {
        guard isWritten else { return }
        for folder in [path, checkpoints.path] { AtomicFile.removeLeftovers(in: folder) }
    }

    /// The recipe of the run. Relative paths in it begin at the directory.
    package func readRecipe() throws -> Recipe {
        let path = self.recipe
        let text = try Self.text(of: path)
        do {
            let value = try RecipeValue(yaml: text)
            // nothing is left open in the recipe of a run
            var recipe = try Recipe(notation: value.withPaths(from: self.path + "/"))
            recipe.open = []
            return recipe
        } catch {
            throw RunError.recipe(path, error)
        }
    }

    /// The text of a recipe file.
    static func text(of path: String) throws -> String {
        guard let text = String(validating: try readAll(path, limit: 1 << 24), as: UTF8.self) else {
            throw DataError.notText(file: path, line: 1, detail: "a recipe is UTF-8 text and this is not")
        }
        return text
    }

    func write(_ recipe: Recipe) throws {
        guard isWritten else { return }
        let notation = try recipe.notation().withAbsolutePaths()
        try AtomicFile.write(Array(try notation.yaml().utf8), to: self.recipe)
    }

    /// Writes the length of a run that gets more epochs; all else in its recipe stays.
    func lengthen(_ longer: Recipe, _ plan: Plan) throws {
        var recipe = try readRecipe()
        (recipe.epochs, recipe.lengthened) = (longer.epochs, longer.lengthened)
        try write(recipe)
        try write(plan)
    }

    /// Writes the plan of the machine that begins the run. The plans of machines that resume the run are in its
    /// events.
    func write(_ plan: Plan) throws {
        guard isWritten else { return }
        try AtomicFile.write(Array((plan.json.text + "\n").utf8), to: self.plan)
    }

    func write(_ model: Model) throws {
        guard isWritten else { return }
        try model.save(self.model)
    }
}
