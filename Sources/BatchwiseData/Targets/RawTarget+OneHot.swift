extension RawTarget {
    /// The class of each example where every row of numbers is one-hot: a single 1 among zeros. nil elsewhere, and for
    /// columns of a table, each of which is a target by itself.
    var oneHotClasses: [Int32]? {
        guard width > 1, case .numbers(let numbers) = values else { return nil }
        if case .table = origin { return nil }
        var classes: [Int32] = []
        classes.reserveCapacity(count)
        for first in stride(from: 0, to: numbers.count, by: width) {
            var found: Int32?
            for place in 0..<width where numbers[first + place] != 0 {
                guard numbers[first + place] == 1, found == nil else { return nil }
                found = Int32(clamping: place)
            }
            guard let found else { return nil }
            classes.append(found)
        }
        return classes
    }

    /// The names of the classes of one-hot rows: their places.
    var oneHotNames: [String] { (0..<width).map(String.init) }
}
