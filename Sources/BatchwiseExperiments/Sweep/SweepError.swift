import Batchwise

/// The reason why a sweep cannot begin, go on or give a result: a sentence for a person.
package enum SweepError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The sweep was said in a way that has no meaning.
    case notation(String)
    /// The recipe refuses the settings of a cell.
    case cell(String, RecipeError)
    /// The goal needs data that the recipe does not have.
    case goal(String)
    /// The directory holds another sweep.
    case otherSweep(_ path: String)
    /// Nothing is at the path, or no sweep.
    case noSweep(_ path: String)
    /// A file of the sweep cannot be read.
    case damaged(_ file: String, reason: String)
    /// No cell could be trained.
    case nothingTrained(reason: String)

    /// The exit code of a program that stops for this, as in sysexits.
    package var exitCode: Int32 {
        switch self {
        case .notation, .cell, .goal: 64
        case .noSweep: 66
        case .otherSweep: 73
        case .damaged, .nothingTrained: 65
        }
    }

    package var description: String {
        switch self {
        case .notation(let reason), .goal(let reason): reason
        case .cell(let cell, let error): "the cell with \(cell): \(error)"
        case .otherSweep(let path):
            "\(path): holds another sweep; go on with it by --resume, or name a new directory with --run"
        case .noSweep(let path): "\(path): holds no sweep; --resume needs the directory of one, with its sweep.yaml"
        case .damaged(let file, let reason): "\(file): is damaged: \(reason)"
        case .nothingTrained(let reason): "no cell could be trained; the first says: \(reason)"
        }
    }
}
