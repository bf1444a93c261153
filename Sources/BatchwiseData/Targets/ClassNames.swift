import Batchwise
import Foundations

/// The names of a model's classes, and the texts by which other files mean them.
///
/// A file may write a name in other letters, with blanks around it, or with a full stop behind it: such a text is the
/// class, where no other class has a name that is so alike.
struct ClassNames {
    private var places: [String: Int32] = [:]
    /// The class of each name in its plain form; -1 where several have it.
    private var alike: [String: Int32] = [:]
    private let names: [String]

    init(_ names: [String]) {
        self.names = names
        for (place, name) in names.enumerated() {
            places[name] = Int32(place)
            let plain = Self.plain(name)
            alike[plain] = alike[plain] == nil ? Int32(place) : -1
        }
    }

    /// The place of the class that a text means; nil where it means none.
    subscript(text: String) -> Int32? {
        if let place = places[text] { return place }
        guard let place = alike[Self.plain(text)], place >= 0 else { return nil }
        return place
    }

    /// A line about names that differ in letter case, in blanks or in a full stop alone; nil where none do.
    func noticeOfAlike(_ target: String) -> String? {
        var first: [String: String] = [:]
        for name in names {
            let plain = Self.plain(name)
            if let other = first[plain] {
                return
                    "\(target): the classes \"\(escaped(other, limit: 40))\" and \"\(escaped(name, limit: 40))\" are "
                    + "written nearly alike; if they are one, write them in one way"
            }
            first[plain] = name
        }
        return nil
    }

    private static func plain(_ text: String) -> String {
        var text = text[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        if text.last == ".", text.count > 1 { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return text.lowercased()
    }

    /// A line about texts that are written in another way than the classes they mean; nil where there is none.
    func notice(_ texts: [String], file: String) -> String? {
        let others = texts.filter { places[$0] == nil }
        guard let first = others.first, let place = self[first] else { return nil }
        let more =
            others.count > 2
            ? ", and \(others.count - 1) others likewise" : others.count > 1 ? ", and another likewise" : ""
        return
            "\(escaped(file, limit: 200)): the class \"\(names[Int(place)])\" is written \"\(escaped(first, limit: 40))\"\(more)"
    }
}

extension RawTarget {
    /// A line about classes that the file writes in another way than training did; nil where it writes them alike.
    func noticeOfNames(for target: Preprocessing.Target) -> String? {
        guard case .classes(let names) = target, case .texts(let codes, let levels) = values else { return nil }
        let present = Set(codes)
        return ClassNames(names).notice(
            levels.indices.filter { present.contains(Int32($0)) }.map { levels[$0] }, file: file)
    }
}
