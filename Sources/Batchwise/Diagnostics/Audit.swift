import Crypto
import Foundation

/// Runs the same batches in many cuts, and says whether they came to the same bits.
///
/// ```swift
/// let certificate = try Audit(recipe, data: data).run()
/// print(certificate.verdict)  // sameBits
/// ```
/// Micro-batches of many sizes, workers, loading threads, an interruption: every one must give the bits of one pass of
/// the whole batch by one worker. Controls must not: they compute what other programs do where a batch is cut.
public struct Audit: Sendable {
    /// The recipe that is audited, with the settings that depend on the data filled in.
    public let recipe: Recipe
    let data: Dataset
    /// The number of updates in each run.
    public let updates: Int
    /// The number of workers of the largest run.
    let mostWorkers: Int
    /// The micro-batch of one more run, as it was asked for; nil where none was.
    let microBatch: Int?
    /// The notices of the recipe's plan with that micro-batch.
    let notices: [String]
    /// The progress with which all runs begin: chosen so that an epoch ends, with its last batch, in the middle of the
    /// runs.
    let start: TrainingProgress
    /// The plan of the recipe on one worker, in the smallest micro-batches.
    let plan: Plan
    /// The smallest micro-batch that the recipe allows, in examples.
    let step: Int
    /// The examples of an epoch.
    let examples: Int
    /// The examples of a full batch.
    let batch: Int

    /// Prepares an audit of a recipe on a data set.
    ///
    /// - Parameters:
    ///   - recipe: the recipe whose promise is checked.
    ///   - data: the training examples.
    ///   - updates: the number of updates of each run, at most the recipe's.
    ///   - workers: the most workers of a run; nil: one a core, and at least three.
    ///   - microBatch: the micro-batch of one more run, by one worker.
    ///
    /// Throws what ``Trainer`` does before anything is computed.
    public init(_ recipe: Recipe, data: Dataset, updates: Int = 20, workers: Int? = nil, microBatch: Int? = nil) throws
    {
        if let asynchronous = recipe.asynchronous, !asynchronous.isReproducible {
            throw RecipeError.conflict("an audit compares bits, and this recipe promises none (\(asynchronous.notice))")
        }
        let smallest = try Trainer(recipe, data: data, machine: Machine(threads: 1, microBatch: 1, loadingThreads: 0))
        let orders = try EpochOrders(
            data, sampling: recipe.batch.sampling, block: recipe.batch.block, seed: recipe.seed)
        self.recipe = smallest.recipe
        self.data = data
        self.microBatch = microBatch
        notices = try Plan(recipe, data: data, machine: Machine(threads: 1, microBatch: microBatch)).notices
        plan = smallest.plan
        step = smallest.plan.microBatch
        examples = orders.count
        batch = min(recipe.batch.size, orders.count)
        mostWorkers = workers ?? max(3, min(Machine().cores, 8))
        self.updates = max(1, min(updates, smallest.totalUpdates))
        var start = smallest.progress
        let perEpoch = smallest.plan.updatesPerEpoch
        start.batch = max(0, min(perEpoch - (self.updates + 1) / 2, smallest.totalUpdates - self.updates, perEpoch - 1))
        start.updates = start.batch
        start.examples = start.batch * recipe.batch.size
        self.start = start
    }

    /// Runs everything that needs no other process; `progress` is told what comes next, and of how many.
    ///
    /// Throws `TrainingError` where the recipe itself cannot be trained, and `CheckpointError` where a checkpoint
    /// cannot be written to the folder for temporary files.
    public func run(
        _ progress: (_ name: String, _ number: Int, _ count: Int) -> Void = { _, _, _ in }
    ) throws -> AuditCertificate {
        try run(killing: nil, progress)
    }

    /// - Parameters:
    ///   - killing: has another process run `train(writing:)` with this path, and kills it when a checkpoint is there.
    ///   - joining: runs of several processes, and has them run `train(with:writing:)` with this path.
    package func run(
        killing: ((_ path: String) throws -> Void)?,
        joining: (cuts: [ProcessCut], run: (_ cut: ProcessCut, _ path: String) throws -> Void)? = nil,
        _ progress: (_ name: String, _ number: Int, _ count: Int) -> Void
    ) throws -> AuditCertificate {
        let (cuts, controls, joined) = (cuts, controls, joining?.cuts ?? [])
        let isKilled = killing != nil && updates > 1
        let count = 2 + cuts.count + joined.count + (isKilled ? 1 : 0) + controls.count
        var certificate = certificate
        progress("one pass of the whole batch", 1, count)
        let reference = try reference()
        certificate.rows.append(reference.row)
        for (index, cut) in cuts.enumerated() {
            progress(cut.name, 2 + index, count)
            certificate.rows.append(try row(cut, reference))
        }
        for (index, cut) in joined.enumerated() {
            progress(cut.name, 2 + cuts.count + index, count)
            guard let joining else { continue }
            certificate.rows.append(try row(cut, reference) { try joining.run(cut, $0) })
        }
        let next = 2 + cuts.count + joined.count
        progress("checkpoint and resume", next, count)
        certificate.rows.append(try interrupted(reference))
        if let killing, isKilled {
            progress("kill and resume", next + 1, count)
            certificate.rows.append(try killed(reference, killing))
        }
        for (index, control) in controls.enumerated() {
            progress("control: \(control.name)", count - controls.count + index + 1, count)
            certificate.controls.append(try self.control(control, reference))
        }
        return certificate
    }

    /// A certificate without rows.
    private var certificate: AuditCertificate {
        return AuditCertificate(
            recipe: recipe.sha256,
            model: LayerList.summary(of: recipe.model), examples: examples, parameters: plan.parameters,
            batch: batch, lastBatch: lastBatch, firstUpdate: start.updates + 1, updates: updates, build: Self.build,
            instructionSet: Self.instructionSet, notices: notices)
    }

    /// Examples of the last batch of an epoch.
    var lastBatch: Int {
        let left = examples % batch
        return left == 0 || recipe.batch.last == .drop ? batch : left
    }

    // MARK: Runs

    /// The reference: one pass of every batch by one worker, with which all other runs are compared.
    struct Reference {
        var row: AuditCertificate.Row
        let snapshot: AuditSnapshot
        let start: AuditSnapshot
    }

    func reference() throws -> Reference {
        var trainer = try trainer(Machine(threads: 1, microBatch: batch, loadingThreads: 0))
        let begun = AuditSnapshot(trainer.checkpoint(), losses: [])
        let losses = try losses(&trainer, updates)
        return Reference(
            row: row("one pass of the whole batch, 1 worker", trainer.plan, nil),
            snapshot: AuditSnapshot(trainer.checkpoint(), losses: losses), start: begun)
    }

    func row(_ cut: Cut, _ reference: Reference) throws -> AuditCertificate.Row {
        var trainer = try trainer(cut.machine)
        let losses = try losses(&trainer, updates)
        return row(
            cut.name, trainer.plan, AuditSnapshot(trainer.checkpoint(), losses: losses), reference)
    }

    /// Half of the updates, a checkpoint in a file, and the rest in another trainer on another machine.
    private func interrupted(_ reference: Reference) throws -> AuditCertificate.Row {
        try withTemporaryFile { path in
            var first = try trainer(Machine(threads: 2, loadingThreads: 1))
            _ = try losses(&first, updates / 2)
            try first.checkpoint().write(to: path)
            return try resumed(path, reference, "checkpoint")
        }
    }

    /// Kills a process that trains, and resumes from its checkpoint.
    private func killed(
        _ reference: Reference, _ kill: (_ path: String) throws -> Void
    ) throws -> AuditCertificate.Row {
        try withTemporaryFile { path in
            try kill(path)
            return try resumed(path, reference, "process killed")
        }
    }

    func withTemporaryFile<Result>(_ body: (_ path: String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.appendingPathComponent("checkpoint.safetensors").path)
    }

    /// Makes the rest of the updates from a checkpoint, on a machine that no other run used.
    private func resumed(_ path: String, _ reference: Reference, _ what: String) throws -> AuditCertificate.Row {
        let machine = Machine(threads: mostWorkers, microBatch: unevenCuts.first ?? step, loadingThreads: 1)
        var trainer = try Trainer(recipe, data: data, machine: machine)
        let checkpoint = try Checkpoint(contentsOf: path, layers: LayerRegistry(of: recipe.model))
        try trainer.restore(checkpoint)
        let done = checkpoint.progress.updates - start.updates
        let losses = try losses(&trainer, updates - done)
        return row(
            "\(what) after \(Self.counted(done, "update")), resumed", trainer.plan,
            AuditSnapshot(trainer.checkpoint(), losses: losses), reference)
    }

    /// Trains in a process that is about to be killed, and writes a checkpoint after every update.
    package func train(writing path: String) throws {
        var trainer = try trainer(Machine(threads: 2))
        for _ in 0..<updates - 1 {
            _ = try trainer.update()
            try trainer.checkpoint().write(to: path)
        }
    }

    func trainer(_ machine: Machine, recipe: Recipe? = nil) throws -> Trainer {
        var trainer = try Trainer(recipe ?? self.recipe, data: data, machine: machine)
        try begin(&trainer)
        return trainer
    }

    /// Goes to the place where all runs begin.
    func begin(_ trainer: inout Trainer) throws(CheckpointError) {
        var checkpoint = trainer.checkpoint()
        checkpoint.progress = start
        try trainer.restore(checkpoint)
    }

    func losses(_ trainer: inout Trainer, _ count: Int) throws -> [Double] {
        var losses: [Double] = []
        for _ in 0..<count { losses.append(try trainer.update().loss) }
        return losses
    }

    func row(
        _ name: String, _ plan: Plan, _ snapshot: AuditSnapshot, _ reference: Reference
    ) -> AuditCertificate.Row {
        row(name, plan, snapshot.difference(from: reference.snapshot, start: reference.start))
    }

    private func row(_ name: String, _ plan: Plan, _ difference: AuditCertificate.Difference?) -> AuditCertificate.Row {
        AuditCertificate.Row(
            name: name, workers: plan.workers, microBatch: plan.microBatch,
            accumulationSteps: plan.accumulationSteps, updates: updates, difference: difference)
    }

    // MARK: The program

    /// The first half of the SHA-256 of the program.
    private static let build: String = {
        let path = "/proc/self/exe"
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else { return "" }
        return String(sha256(data).prefix(32))
    }()

    private static func sha256(_ data: Data) -> String {
        SHA256.hash(data: data).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
