import Batchwise
import Foundations

/// The errors of runs and saved models: a run cannot begin, go on or end, or a model cannot be read.
public enum RunError: Error, Sendable {
    // MARK: The directory

    /// Nothing is at the path.
    case noSuchRun(_ path: String)
    /// The path is not the directory of a run.
    case notARun(_ path: String, reason: String)
    /// The directory is empty, or was left so by a process that ended before its run began.
    case notBegun(_ path: String)
    /// The directory of a run has lost a file.
    case damagedRun(_ path: String, missing: String)
    /// The directory is that of a cross-validation, which has a run in a directory for each fold.
    case crossValidation(_ path: String)
    /// The directory is that of a sweep, which has a run in a directory for each cell.
    case sweep(_ path: String)
    /// The directory of the run cannot be created.
    case cannotCreate(_ path: String, reason: String)
    /// The folder for checkpoints cannot be created.
    case cannotCreateFolder(_ path: String, reason: String)
    /// A file is at the path of a new run.
    case isAFile(_ path: String)
    /// The directory at the path of a new run cannot be listed.
    case unreadableDirectory(_ path: String)
    /// The directory holds something already.
    case occupied(_ path: String, isRun: Bool)
    /// Another process, or another `Run` of this one, trains in the directory.
    case locked(_ path: String)
    /// The system refused to open or read the directory or its checkpoints.
    case inputOutput(_ path: String, reason: String)
    /// The recipe of the directory cannot be read, for the reason of the `RecipeError`.
    case recipe(_ path: String, RecipeError)

    // MARK: Checkpoints

    /// The run has been trained, and has no checkpoint.
    case noCheckpoint(_ folder: String)
    /// None of the run's checkpoints can be read. `isDamage` is true where all are damaged, and false where the system
    /// refused to read one or more.
    case noReadableCheckpoint(_ folder: String, reasons: [String], isDamage: Bool)
    /// The recipe's early stopping has ended the run, which more epochs cannot lengthen.
    case stoppedEarly(_ path: String)
    /// A file is the checkpoint of another update than its name says.
    case misnamedCheckpoint(_ path: String, updates: Int)
    /// The recipe is not the recipe of the checkpoint.
    case otherRecipe(_ path: String)
    /// The data are not the data of the checkpoint; `difference` names the parts.
    case otherData(_ path: String, difference: String)

    // MARK: Training

    /// Processes that are to train together differ in a part of what they train with.
    case differentProcesses(rank: Int, name: String, found: String, expected: String)
    /// An update was refused. The state after update `kept` is in the run's checkpoints; nil where none was written.
    case stopped(TrainingError, kept: Int?, folder: String)
    /// The result cannot be written; `exitCode` is the exit code of a program that stops for this.
    case notWritten(_ path: String, reason: String, exitCode: Int32)

    // MARK: Saved models

    /// Nothing is at the path of a model.
    case noSuchModel(_ path: String)
    /// A directory without a model or checkpoint.
    case noModel(_ path: String)
    /// The data of a run are no longer those that it was trained on; `difference` names the parts.
    case changedData(_ path: String, difference: String)
    /// The model was saved without preprocessing, so it cannot read raw rows.
    case noPreprocessing(_ path: String)
    /// The file of the model that a recipe begins with is another one than the recipe says.
    case otherStart(_ path: String, expected: String, found: String)
    /// The file of a model or checkpoint is damaged.
    case damaged(_ path: String, reason: String)

    /// The exit code of a program that stops for this, as in sysexits.
    public var exitCode: Int32 {
        switch self {
        case .noSuchRun, .notARun, .notBegun, .damagedRun, .crossValidation, .sweep, .noSuchModel, .noModel: 66
        case .cannotCreate, .cannotCreateFolder, .isAFile, .unreadableDirectory, .occupied, .locked: 73
        case .inputOutput: 74
        case .recipe, .stoppedEarly: 64
        case .noCheckpoint, .misnamedCheckpoint, .otherRecipe, .otherData, .changedData, .noPreprocessing,
            .otherStart, .damaged:
            65
        case .noReadableCheckpoint(_, _, let isDamage): isDamage ? 65 : 74
        case .differentProcesses: 65
        case .stopped(let error, _, _): error.exitCode
        case .notWritten(_, _, let code): code
        }
    }
}

extension RunError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .noSuchRun(let path): "\(path): no such run; --resume needs the directory of a run"
        case .notARun(let path, let reason): "\(path): is not the directory of a run, for \(reason)"
        case .notBegun(let path):
            "\(path): no run has begun here, for there is no recipe.yaml; begin one with --run \(shellQuoted(path))"
        case .damagedRun(let path, let missing):
            "\(path): the directory of this run is damaged: \(missing) is missing; put it back from a copy, or train a new run"
        case .crossValidation(let path):
            "\(path): is the directory of a cross-validation; name a fold, such as \(shellQuoted(path + "/fold-1"))"
        case .sweep(let path):
            "\(path): is the directory of a sweep; go on with it by batchwise sweep --resume \(shellQuoted(path)), or name a cell in it"
        case .cannotCreate(let path, let reason): "\(path): cannot create the run directory: \(reason)"
        case .cannotCreateFolder(let path, let reason): "\(path): cannot create the folder: \(reason)"
        case .isAFile(let path): "\(path): is a file; name a new or empty directory with --run"
        case .unreadableDirectory(let path): "\(path): the directory cannot be read"
        case .occupied(let path, let isRun):
            "\(path): \(isRun ? "already holds a run" : "is not empty"); name a new directory with --run"
                + (isRun ? ", or go on with it by --resume \(shellQuoted(path))" : "")
        case .locked(let path):
            "\(path): another process is training in this directory; wait for it or end it, or name another directory"
        case .inputOutput(let path, let reason): "\(path): \(reason)"
        case .recipe(let path, let error): "\(path): \(error)"
        case .noCheckpoint(let folder):
            "\(folder): there is no checkpoint, and yet the run has been trained: they were moved or removed. "
                + "Put one back from a copy, or train a new run"
        case .noReadableCheckpoint(let folder, let reasons, _):
            "\(folder): none of \(reasons.count) checkpoint\(reasons.count == 1 ? "" : "s") can be read: "
                + reasons.joined(separator: "; ") + ". Put one back from a copy, or train a new run"
        case .stoppedEarly(let path):
            "\(path): early stopping has ended this run, and more epochs do not lengthen it; begin another one with its model, "
                + "by --from \(shellQuoted(path))"
        case .misnamedCheckpoint(let path, let updates): "\(path): is the checkpoint of update \(updates)"
        case .otherRecipe(let path):
            "\(path): cannot go on: recipe.yaml is not the recipe of its checkpoint; train it as a new run"
        case .differentProcesses(let rank, let name, let found, let expected):
            "process \(rank) has \(name) than process 0: \(found), not \(expected)"
        case .otherData(let path, let difference):
            "\(path): cannot go on: the data are not those of its checkpoint, which differ in \(difference); put them back "
                + "as they were, or train a new run"
        case .changedData(let path, let difference):
            "\(path): its data are no longer those that it was trained on, which differ in \(difference); put them back as "
                + "they were"
        case .stopped(let error, let kept, let folder):
            "\(error)" + (kept.map { ". The state after update \($0) is kept in \(folder)" } ?? "")
        case .notWritten(let path, let reason, _):
            "\(reason): the model is not written. When that is put right, go on with: "
                + "batchwise train --resume \(shellQuoted(path))"
        case .noSuchModel(let path): "\(path): no such model; name model.safetensors or the directory of a run"
        case .noModel(let path): "\(path): holds no model.safetensors"
        case .noPreprocessing(let path):
            "\(path): was saved without preprocessing, so only the program that made it can feed it"
        case .otherStart(let path, let expected, let found):
            "\(path): is another model than the recipe begins with: its SHA-256 is \(found), and from.sha256 is \(expected). "
                + "Put the model back, or leave from.sha256 out"
        case .damaged(let path, let reason): "\(path): is damaged: \(reason)"
        }
    }
}

extension TrainingError {
    /// The exit code of a program that stops for this, as in sysexits.
    package var exitCode: Int32 {
        switch self {
        case .data(_, let cause): cause.exitCode
        case .growth, .noThread: 64
        default: 65
        }
    }
}
