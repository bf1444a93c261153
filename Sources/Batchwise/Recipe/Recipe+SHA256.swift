import Crypto
import Foundation

extension Recipe {
    /// SHA-256 of the recipe as YAML, without its data, whose paths are no part of what is computed; nil for layers
    /// that a recipe cannot write.
    package var sha256: String? {
        var recipe = self
        recipe.data = nil
        guard let yaml = try? recipe.notation().yaml() else { return nil }
        return SHA256.hash(data: Data(yaml.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
