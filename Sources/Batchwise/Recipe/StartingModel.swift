/// The saved model whose parameters a run begins with, in place of those of the seed.
///
/// ```yaml
/// from: runs/houses
/// from: {model: runs/houses/model.safetensors, except: head, preprocessing: fitted}
/// ```
public struct StartingModel: Hashable, Sendable {
    /// The treatment of features that a saved model was trained on.
    public enum Preprocessing: String, CaseIterable, Sendable {
        /// New rows become features as those of the saved model did.
        case kept
        /// The preprocessing is fitted to the new training rows.
        case fitted
    }

    /// The model file, or the directory of a run; relative to the file of the recipe.
    public var path: String
    /// SHA-256 of the model file, in hexadecimal digits; nil: any file will do.
    public var sha256: String?
    /// The parameters to load; nil: all, but those of the last layer where its outputs mean something else now.
    public var parameters: ParameterSelection?
    /// The treatment of features; nil: kept where the data have what the saved model reads, else fitted.
    public var preprocessing: Preprocessing?

    /// A saved model to begin with.
    public init(
        _ path: String, sha256: String? = nil, parameters: ParameterSelection? = nil,
        preprocessing: Preprocessing? = nil
    ) {
        self.path = path
        self.sha256 = sha256
        self.parameters = parameters
        self.preprocessing = preprocessing
    }
}

extension StartingModel {
    /// Reads `runs/a` or `{model: runs/a, sha256: ..., load: "0.*", except: head, preprocessing: kept}`.
    init(notation: RecipeValue, at path: String = "from") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "model")
        let expected = "a model.safetensors or the directory of a run"
        guard let model = try reader.string("model", expected), !model.isEmpty else {
            throw reader.missing("model", expected)
        }
        self.path = model
        sha256 = try reader.string("sha256", "64 hexadecimal digits")
        if let sha256, sha256.utf8.count != 64 || !sha256.utf8.allSatisfy(Self.isHexadecimal) {
            throw .value(at: "\(path).sha256", expected: "64 hexadecimal digits in lower case", found: "\"\(sha256)\"")
        }
        let load = try reader.patterns("load")
        let except = try reader.patterns("except")
        guard load.isEmpty || except.isEmpty else {
            throw .conflict("\(path).load and \(path).except exclude each other: remove one")
        }
        parameters =
            load == [Self.everything] ? .all : !load.isEmpty ? .matching(load) : except.isEmpty ? nil : .except(except)
        preprocessing = try reader.choice("preprocessing", Preprocessing.self)
        try reader.finish()
    }

    /// The pattern of all parameters.
    private static let everything = "*"

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// The notation of the starting model in a recipe.
    var notation: RecipeValue {
        func list(_ patterns: [String]) -> RecipeValue { .list(patterns.map { .string($0) }) }
        var entries: [RecipeValue.Entry] = [.init("model", .string(path))]
        if let sha256 { entries.append(.init("sha256", .string(sha256))) }
        switch parameters {
        case .all: entries.append(.init("load", .string(Self.everything)))
        case .matching(let patterns): entries.append(.init("load", list(patterns)))
        case .except(let patterns): entries.append(.init("except", list(patterns)))
        case nil: break
        }
        if let preprocessing { entries.append(.init("preprocessing", .string(preprocessing.rawValue))) }
        return .map(entries)
    }
}
