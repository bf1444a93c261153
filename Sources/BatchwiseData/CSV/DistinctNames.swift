import Batchwise

/// Names of columns of which no two are equal: a name that comes again gets a number.
struct DistinctNames {
    let names: [String]
    /// The names that several columns have in the file.
    let repeated: Set<String>
    /// The places of the columns that got another name, and the names that they have in the file.
    private let renamed: [(place: Int, name: String)]

    init(_ all: [String]) {
        var (names, taken, repeated) = (all, Set(all), Set<String>())
        var renamed: [(place: Int, name: String)] = []
        var counts: [String: Int] = [:]
        for (place, name) in all.enumerated() {
            guard counts[name] != nil else {
                counts[name] = 1
                continue
            }
            repeat { counts[name, default: 1] += 1 } while taken.contains("\(name).\(counts[name, default: 1])")
            names[place] = "\(name).\(counts[name, default: 1])"
            taken.insert(names[place])
            repeated.insert(name)
            renamed.append((place, name))
        }
        self.names = names
        self.repeated = repeated
        self.renamed = renamed
    }

    /// A notice to a person where names come again.
    func notice(file: String) -> String? {
        guard !renamed.isEmpty else { return nil }
        let shown = renamed.prefix(5).map {
            "column \($0.place + 1), \"\(escaped($0.name, limit: 60))\" once more, \"\(escaped(names[$0.place], limit: 60))\""
        }
        let more = renamed.count > 5 ? " and so on for \(renamed.count - 5) more" : ""
        return "\(file): names of columns come again, so here is called \(shown.joined(separator: "; "))\(more)"
    }
}
