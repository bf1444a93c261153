import Batchwise
import Foundations

/// Why a run cannot begin, go on or end, or a saved model cannot be read.
public enum RunError: Error, Sendable {
    // MARK: The directory

    /// Nothing is at the path.
    case noSuchRun(_ path: String)
    /// The path holds no recipe.
    case notARun(_ path: String)
    case cannotCreate(_ path: String, reason: String)
    case cannotCreateFolder(_ path: String, reason: String)
    case isAFile(_ path: String)
    case unreadableDirectory(_ path: String)
    /// The directory holds something already.
    case occupied(_ path: String, isRun: Bool)
    /// Another process, or another `Run` of this one, trains in it.
    case locked(_ path: String)
    case inputOutput(_ path: String, reason: String)
    /// The directory's recipe makes no sense.
    case recipe(_ path: String, RecipeError)

    // MARK: Checkpoints

    /// The run has been trained, and has no checkpoint.
    case noCheckpoint(_ folder: String)
    /// No checkpoint of some can be read; `isDamage` is false where the system refused all of them.
    case noReadableCheckpoint(_ folder: String, reasons: [String], isDamage: Bool)
    /// A file is the checkpoint of another update than its name says.
    case misnamedCheckpoint(_ path: String, updates: Int)
    /// The recipe has changed since.
    case otherRecipe(_ path: String)
    /// The data have changed since.
    case otherData(_ path: String)

    // MARK: Training

    /// An update was refused; the state after update `kept` is in the run's checkpoints.
    case stopped(TrainingError, kept: Int?, folder: String)
    /// The result cannot be written.
    case notWritten(_ path: String, reason: String, exitCode: Int32)

    // MARK: Saved models

    case noSuchModel(_ path: String)
    /// A directory without a model or checkpoint.
    case noModel(_ path: String)
    case noPreprocessing(_ path: String)
    case damaged(_ path: String, reason: String)

    /// The exit code of a program that stops for this, as in sysexits.
    public var exitCode: Int32 {
        switch self {
        case .noSuchRun, .notARun, .noSuchModel, .noModel: 66
        case .cannotCreate, .cannotCreateFolder, .isAFile, .unreadableDirectory, .occupied, .locked: 73
        case .inputOutput: 74
        case .recipe: 64
        case .noCheckpoint, .misnamedCheckpoint, .otherRecipe, .otherData, .noPreprocessing, .damaged: 65
        case .noReadableCheckpoint(_, _, let isDamage): isDamage ? 65 : 74
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
        case .notARun(let path): "\(path): is not the directory of a run, for it holds no recipe.yaml"
        case .cannotCreate(let path, let reason): "\(path): cannot create the run directory: \(reason)"
        case .cannotCreateFolder(let path, let reason): "\(path): cannot create the folder: \(reason)"
        case .isAFile(let path): "\(path): is a file; name a new or empty directory with --run"
        case .unreadableDirectory(let path): "\(path): the directory cannot be read"
        case .occupied(let path, let isRun):
            "\(path): \(isRun ? "already holds a run" : "is not empty"); name a new directory with --run"
                + (isRun ? ", or go on with it by --resume \(shellQuoted(path))" : "")
        case .locked(let path): "\(path): another process is training in this run; wait for it, or end it"
        case .inputOutput(let path, let reason): "\(path): \(reason)"
        case .recipe(let path, let error): "\(path): \(error)"
        case .noCheckpoint(let folder):
            "\(folder): there is no checkpoint, and yet the run has been trained: they were moved or removed. "
                + "Put one back from a copy, or train a new run"
        case .noReadableCheckpoint(let folder, let reasons, _):
            "\(folder): none of \(reasons.count) checkpoint\(reasons.count == 1 ? "" : "s") can be read: "
                + reasons.joined(separator: "; ") + ". Put one back from a copy, or train a new run"
        case .misnamedCheckpoint(let path, let updates): "\(path): is the checkpoint of update \(updates)"
        case .otherRecipe(let path):
            "\(path): cannot go on: recipe.yaml is not the recipe of its checkpoint; train it as a new run"
        case .otherData(let path): "\(path): cannot go on: the data are not those of its checkpoint; train a new run"
        case .stopped(let error, let kept, let folder):
            "\(error)" + (kept.map { ". The state after update \($0) is kept in \(folder)" } ?? "")
        case .notWritten(let path, let reason, _):
            "\(reason): the model is not written. When that is put right, go on with: "
                + "batchwise train --resume \(shellQuoted(path))"
        case .noSuchModel(let path): "\(path): no such model; name model.safetensors or the directory of a run"
        case .noModel(let path): "\(path): holds no model.safetensors"
        case .noPreprocessing(let path):
            "\(path): was saved without preprocessing, so only the program that made it can feed it"
        case .damaged(let path, let reason): "\(path): is damaged: \(reason)"
        }
    }
}

extension TrainingError {
    /// The exit code of a program that stops for this, as in sysexits.
    package var exitCode: Int32 {
        switch self {
        case .data(_, let cause): cause.exitCode
        case .growth: 64
        default: 65
        }
    }
}
