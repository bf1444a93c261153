import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

/// The kind of thing at a path, as far as messages name it where another kind was expected.
enum PathKind {
    case model, run, sweep, folder, recipe
    /// Data, with the name of its format.
    case data(String)

    /// Nil where nothing is at the path, or nothing that is known.
    ///
    /// - Parameter opening: whether files are opened to tell the kind of data.
    init?(_ path: String, opening: Bool = true) {
        var status = stat()
        guard !path.isEmpty, stat(path, &status) == 0 else { return nil }
        if status.st_mode & S_IFMT == S_IFDIR {
            func holds(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }
            self =
                holds(RunDirectory.sweepFile)
                ? .sweep
                : holds("model.safetensors") || holds("recipe.yaml") || holds(FoldsDirectory.fileName) ? .run : .folder
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return nil }
        if path.hasSuffix(".safetensors") {
            self = .model
            return
        }
        guard opening, let file = try? SourceFile(path, kinds: "") else { return nil }
        if (try? file.recipe()) ?? nil != nil {
            self = .recipe
            return
        }
        guard let name = try? DataFormats.standard.kind(of: path) else { return nil }
        self = .data(name)
    }

    /// Whether examples can be read from it.
    var isData: Bool {
        switch self {
        case .data, .folder, .recipe: true
        case .model, .run, .sweep: false
        }
    }

    /// The kind in words.
    var name: String {
        switch self {
        case .model: "a model"
        case .run: "the directory of a run"
        case .sweep: "the directory of a sweep"
        case .folder: "a folder"
        case .recipe: "a recipe"
        case .data(let name): name
        }
    }
}

extension PathKind {
    /// The error where a command needs data or a recipe and was given this.
    func isNoSource(_ path: String) -> Failure {
        let hint =
            switch self {
            case .run: "go on with it by batchwise train --resume \(shellQuoted(path)), or name its recipe.yaml"
            case .sweep: "go on with it by batchwise sweep --resume \(shellQuoted(path)), or name its sweep.yaml"
            default: "name digits, a data file, a folder of images or a recipe (.yaml)"
            }
        return Failure(.usage, "\(escaped(path, limit: 200)): is \(name), not data; \(hint)")
    }
}
