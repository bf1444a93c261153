/// Patterns in which `*` stands for any text and `?` for any character.
package enum Wildcard {
    /// Whether a name matches. The search goes back to the last star alone, which is enough, so the time is at most the
    /// product of the lengths.
    package static func matches(_ name: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var (at, place) = (0, 0)
        var retry: (at: Int, place: Int)?
        while at < name.count {
            if place < pattern.count, pattern[place] == "*" {
                retry = (at, place)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == name[at] {
                at += 1
                place += 1
            } else if let last = retry {
                retry = (last.at + 1, last.place)
                (at, place) = (last.at + 1, last.place + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
