import ArgumentParser

/// The words of a `train` command, as a launch gives them to every start of its run.
struct TrainWords {
    /// The words that belong to the machine: they are the same at every start.
    private(set) var machine: [String] = []
    /// The words that say what is trained: the source, its settings, and injected failures.
    private(set) var recipe: [String] = []
    /// The directory that the words name; nil where they leave it to the command.
    let directory: String?
    /// The source of a new run; nil where a run is resumed.
    let source: String?
    /// Whether they ask for one JSON object.
    let isJSON: Bool

    private static let flags: Set = ["--json", "--log-norms", "--noise-scale", "--verbose"]
    private static let ofRecipe: Set = ["--target", "--set", "--from", "--inject"]
    private static let ofDirectory: Set = ["--run", "--resume"]

    /// - Throws: the error of `train` for words that it does not read.
    init(_ words: [String]) throws {
        guard words.first == "train" else {
            throw Failure(
                .usage,
                "launch runs batchwise train and nothing else: batchwise launch --workers 4 -- train recipe.yaml")
        }
        let train = try Train.parse(Array(words.dropFirst()))
        guard train.folds == nil else {
            throw Failure(.usage, "a cross-validation trains in one process: start it without launch")
        }
        directory = train.directory ?? train.resume
        source = train.source
        isJSON = train.output.json
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            let name = String(word.prefix { $0 != "=" })
            guard name.hasPrefix("--"), name != "--" else {
                recipe.append(word)
                continue
            }
            let hasValue = name == word && !Self.flags.contains(name)
            let option = [word] + (hasValue ? rest.popFirst().map { [$0] } ?? [] : [])
            if Self.ofDirectory.contains(name) { continue }
            if Self.ofRecipe.contains(name) { recipe += option } else { machine += option }
        }
    }

    /// The words that begin the run in a directory.
    func beginning(_ directory: String) -> [String] { ["train"] + recipe + machine + ["--run", directory] }

    /// The words that begin it once more: an injected failure happens once in a launch.
    func beginningAgain(_ directory: String) -> [String] {
        ["train"] + withoutInjection(recipe) + machine + ["--run", directory]
    }

    /// The words that go on with it for the first time: failures may be injected here too.
    func resuming(_ directory: String) -> [String] {
        ["train", "--resume", directory] + machine + recipe
    }

    /// The words that go on with it after a failure.
    func resumingAgain(_ directory: String) -> [String] { ["train", "--resume", directory] + machine }

    private func withoutInjection(_ words: [String]) -> [String] {
        var kept: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--inject" { _ = rest.popFirst() } else if !word.hasPrefix("--inject=") { kept.append(word) }
        }
        return kept
    }
}
