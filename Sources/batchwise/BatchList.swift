import ArgumentParser

/// Sizes of batches as people write them: 8,32,128.
struct BatchList: FormedArgument {
    static var form: String { "at most 64 whole numbers from 1, such as 8,32,128" }

    let sizes: [Int]

    init?(form argument: String) {
        var sizes: [Int] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let size = Int(part.trimming(" ")), (1...1 << 30).contains(size) else { return nil }
            sizes.append(size)
        }
        guard sizes.count <= 64 else { return nil }
        self.sizes = Set(sizes).sorted()
    }
}
