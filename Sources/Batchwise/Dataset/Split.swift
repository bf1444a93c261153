/// A split of rows into parts for training, validation and testing: a pure function of the seed and the rows, or their
/// groups.
///
/// ```swift
/// var split = Split(count: 100, seed: 42)
/// let test = split.take(0.2)          // 20 rows
/// let validation = split.take(0.1)    // 10 others
/// let train = split.rest              // the other 70
/// ```
/// Rows come in the order of the file.
public struct Split: Sendable {
    /// The way in which rows are dealt out to the parts.
    public enum Method: String, Codable, CaseIterable, Sendable {
        /// The seed alone decides where a row goes.
        case random
        /// The rows of every class are dealt out apart, so that each part has its share of the class: exactly, or one
        /// row more or less.
        case stratified
    }

    /// One fold of a cross-validation: a part that is tested with the model of all other parts.
    public struct Fold: Hashable, Sendable {
        /// The number of the fold, counted from 1.
        public var number: Int
        /// The number of folds.
        public var count: Int

        /// Fold `number` of `count`.
        public init(_ number: Int, of count: Int) {
            self.number = number
            self.count = count
        }
    }

    /// For each class, the rows or groups that are left, shuffled. Without classes there is one list.
    private var strata: [[Int]]
    /// The number of rows or groups that each class had at first.
    private let sizes: [Int]
    /// The rows of each group; nil where every row stands for itself.
    private let groups: [[Int]]?

    /// Rows that the seed deals out.
    public init(count: Int, seed: UInt64) {
        strata = [Self.shuffled(Array(0..<count), seed) { UInt64($0) &+ 1 }]
        sizes = [count]
        groups = nil
    }

    /// Rows of these classes, 0, 1, 2..., every class dealt out apart. No class is below 0.
    public init(classes: [Int], seed: UInt64) {
        self.init(classes: classes.map { Int32(clamping: $0) }, seed: seed)
    }

    /// Rows of these classes, 0, 1, 2..., every class dealt out apart. No class is below 0.
    public init(classes: [Int32], seed: UInt64) {
        precondition(classes.allSatisfy { $0 >= 0 }, "Split(classes:seed:) needs classes that are numbered from 0")
        var rows = [[Int]](repeating: [], count: Int(classes.max() ?? -1) + 1)
        for (row, place) in classes.enumerated() { rows[Int(place)].append(row) }
        strata = rows.map { Self.shuffled($0, seed) { UInt64($0) &+ 1 } }
        sizes = rows.map(\.count)
        groups = nil
    }

    /// Rows in groups, each of which stays together: the groups are dealt out, and the rows of a group go to one part.
    public init(groups names: [String], seed: UInt64) {
        var places: [String: Int] = [:]
        var groups: [[Int]] = []
        var distinct: [String] = []
        for (row, name) in names.enumerated() {
            if let place = places[name] {
                groups[place].append(row)
            } else {
                places[name] = groups.count
                groups.append([row])
                distinct.append(name)
            }
        }
        // A group's place among the others depends on its name, not on where it stands in the file.
        let hashes = distinct.map(TextHash.hash)
        strata = [Self.shuffled(Array(distinct.indices), seed) { hashes[$0] }]
        sizes = [groups.count]
        self.groups = groups
    }

    /// The rows that have not been taken.
    public var rest: [Int] { rows(strata.flatMap { $0 }) }

    /// Takes `round(fraction * count)` rows, or groups, of all there were; of each class the same part, exactly or one
    /// row more or less.
    public mutating func take(_ fraction: Double) -> [Int] {
        var shares = zip(strata, sizes).map { min($0.count, Int(fraction * Double($1))) }
        // Rounding down leaves some rows over; they go to the classes that had the largest fractions.
        let lost = sizes.indices.map { fraction * Double(sizes[$0]) - Double(shares[$0]) }
        var missing = Int((fraction * Double(sizes.reduce(0, +))).rounded()) - shares.reduce(0, +)
        for place in sizes.indices.sorted(by: { (lost[$1], $0) < (lost[$0], $1) })
        where missing > 0 && shares[place] < strata[place].count {
            shares[place] += 1
            missing -= 1
        }
        var taken: [Int] = []
        for place in strata.indices {
            taken += strata[place].prefix(shares[place])
            strata[place].removeFirst(shares[place])
        }
        return rows(taken)
    }

    /// Takes the rows of a fold. The folds of one split have no row in common and together all rows; their sizes, and
    /// those of every class in them, differ by one at most.
    ///
    /// Call it before `take(_:)` with a fraction, on a split of its own for each fold.
    public mutating func take(_ fold: Fold) -> [Int] {
        precondition((1...max(1, fold.count)).contains(fold.number), "there is no fold \(fold.number) of \(fold.count)")
        var taken: [Int] = []
        var next = 0
        for place in strata.indices {
            // Dealt like cards, class after class, so that the remainders of the classes even out.
            let own = strata[place].indices.filter { (next + $0) % fold.count == fold.number - 1 }
            next += strata[place].count
            taken += own.map { strata[place][$0] }
            let chosen = Set(own)
            strata[place] = strata[place].indices.filter { !chosen.contains($0) }.map { strata[place][$0] }
        }
        return rows(taken)
    }

    /// The folds of a cross-validation: fold i is tested with a model that is trained on all other rows.
    ///
    /// ```swift
    /// for (train, test) in Split(classes: labels, seed: 42).folds(5) { print(train.count, test.count) }
    /// ```
    public func folds(_ count: Int) -> [(train: [Int], test: [Int])] {
        (1...max(1, count)).map { number in
            var split = self
            let test = split.take(Fold(number, of: max(1, count)))
            return (split.rest, test)
        }
    }

    /// Sorts by the keys that the seed gives.
    private static func shuffled(_ places: [Int], _ seed: UInt64, _ word: (Int) -> UInt64) -> [Int] {
        let keys = Keys(seed: seed)
        let keyed = places.map { (key: keys[word: word($0)], place: $0) }
        return keyed.sorted { ($0.key, $0.place) < ($1.key, $1.place) }.map(\.place)
    }

    private func rows(_ places: [Int]) -> [Int] {
        groups.map { groups in places.flatMap { groups[$0] }.sorted() } ?? places.sorted()
    }
}
