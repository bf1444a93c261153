import Batchwise
import BatchwiseRuns

/// A key of the recipe, and the values that a sweep gives it one after the other.
package struct SweepAxis: Sendable, Hashable {
    /// The parts of the key: `["batch", "size"]`.
    package let path: [String]
    package let values: [RecipeValue]

    /// The key as people write it: `batch.size`.
    package var key: String { path.joined(separator: ".") }

    /// Reads `batch.size=8,32,128`. A value is what a list of YAML may hold: `model=linear,[{dense: 64}, relu, {dense: classes}]`.
    package init(_ text: String) throws(SweepError) {
        guard let equals = text.firstIndex(of: "=") else {
            throw .notation("--over \(text): expected key=value,value, for example --over batch.size=8,32,128")
        }
        let list = text[text.index(after: equals)...]
        guard case .list(let values)? = try? RecipeValue(setting: "[\(list)]") else {
            throw .notation("--over \(text.prefix(200)): the values are not a list of YAML, such as 8,32,128")
        }
        try self.init(key: String(text[..<equals]), values: values)
    }

    /// An axis from its key and values, which must differ.
    package init(key: String, values: [RecipeValue]) throws(SweepError) {
        path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        self.values = values
        guard path.allSatisfy({ !$0.isEmpty && !$0.contains(" ") }), path.count <= 64 else {
            throw .notation("--over \(key.prefix(60)): expected a key of the recipe, such as batch.size")
        }
        guard !values.isEmpty else { throw .notation("--over \(key): name at least one value behind =") }
        guard Set(values).count == values.count else { throw .notation("--over \(key): a value stands there twice") }
    }

    /// The axis with absolute paths of data, which mean the same in every folder.
    var withAbsolutePaths: SweepAxis {
        guard path[0] == "data" else { return self }
        let values = values.map { value in
            let recipe = RecipeValue.map([]).setting(path, to: value).withAbsolutePaths()
            return path.reduce(recipe) { $0[$1] ?? value }
        }
        return SweepAxis(path: path, values: values)
    }

    private init(path: [String], values: [RecipeValue]) {
        self.path = path
        self.values = values
    }

    /// Whether one of two keys lies within the other.
    func overlaps(_ other: SweepAxis) -> Bool {
        zip(path, other.path).allSatisfy { $0 == $1 }
    }
}
