/// The candidate that `name` is most likely a misspelling of; nil where none is near.
///
/// Counts insertions, deletions, replacements and swaps of neighbours (Damerau-Levenshtein, optimal string alignment),
/// ignoring case. A candidate is near if it is at most a third of the longer name away, or 1. Among equals the first
/// candidate wins.
package func nearestName(to name: String, in candidates: [String]) -> String? {
    // names are short, and a long text would only cost time
    let longest = 200
    let wanted = Array(name.lowercased().unicodeScalars.prefix(longest))
    guard !wanted.isEmpty else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let scalars = Array(candidate.lowercased().unicodeScalars.prefix(longest))
        let limit = max(1, max(wanted.count, scalars.count) / 3)
        guard !scalars.isEmpty, abs(wanted.count - scalars.count) <= limit else { continue }
        let distance = editDistance(wanted, scalars)
        if distance <= limit, distance < min(best?.distance ?? .max, max(wanted.count, scalars.count)) {
            best = (candidate, distance)
        }
    }
    return best?.name
}

/// The number of edits between two texts, in three rows of the usual table.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
        var row = [i] + [Int](repeating: 0, count: b.count)
        for j in 1...b.count {
            let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
            row[j] = min(replaced, last[j] + 1, row[j - 1] + 1)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                row[j] = min(row[j], beforeLast[j - 2] + 1)
            }
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}
