import Batchwise

extension RawTarget {
    /// A line about classes whose names differ in letter case or in blanks around them alone; nil where none do.
    func noticeOfAlikeClasses(for target: Preprocessing.Target) -> String? {
        guard case .classes(let names) = target, case .texts = values else { return nil }
        return ClassNames(names).noticeOfAlike(name)
    }

    /// A line about classes that have a single row, which cannot be learnt and tested both; nil where there is none,
    /// and for fewer than 20 rows.
    func noticeOfRareClasses(for target: Preprocessing.Target) throws(DataError) -> String? {
        // of a handful of rows it goes without saying
        guard count >= 20, case .classes = target, case .classes(let classes, let names) = try targets(for: target)
        else {
            return nil
        }
        var rows = [Int](repeating: 0, count: names.count)
        for place in classes { rows[Int(place)] += 1 }
        let single = names.indices.filter { rows[$0] == 1 }
        guard let first = single.first, let row = classes.firstIndex(of: Int32(first)) else { return nil }
        let place =
            switch origin {
            case .table(let table, _): table.place(of: tableRows?[row] ?? row)
            case .folders, .floats, .integers, .booleans, .texts: "example \(row) (from 0)"
            }
        let others = single.count == 1 ? "" : ", and so have \(single.count - 1) more of the \(names.count) classes"
        return "\(name): the class \"\(names[first])\" has a single row, \(place)\(others); "
            + "it is either learnt or tested, never both"
    }
}
