import Crypto
import Foundation

extension Recipe {
    /// The recipe without its data and without the place of its starting model: paths are no part of what is computed.
    func withoutPaths() -> Recipe {
        var recipe = self
        recipe.data = nil
        recipe.startingModel?.path = ""
        return recipe
    }

    /// SHA-256 of the recipe as YAML, without its data and paths; nil for layers that a recipe cannot write.
    package var sha256: String? {
        let recipe = withoutPaths()
        guard let yaml = try? recipe.notation().yaml() else { return nil }
        return SHA256.hash(data: Data(yaml.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
