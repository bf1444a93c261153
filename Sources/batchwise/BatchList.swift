import ArgumentParser

/// Sizes of batches as people write them: 8,32,128.
struct BatchList: ExpressibleByArgument {
    let sizes: [Int]

    init?(argument: String) {
        var sizes: [Int] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let size = Int(part.trimming(" ")), (1...1 << 30).contains(size) else { return nil }
            sizes.append(size)
        }
        guard sizes.count <= 64 else { return nil }
        self.sizes = Set(sizes).sorted()
    }
}
