import Foundation

/// Tells the lines of workers from the messages of `mpirun` itself, which come between them on one stream: blocks between
/// lines of dashes (Open MPI) or equal signs (MPICH), and lines that begin with the name of a process in brackets.
struct LauncherMessages {
    /// The first sentence of `mpirun` that says why it ended; nil where it has said none.
    private(set) var sentence: String?
    /// The messages since they were last taken, as they came.
    private var messages: [UInt8] = []
    /// The beginning of a line whose end is not there yet.
    private var line: [UInt8] = []
    /// The lines of a block that has begun.
    private var block: [String]?

    /// Takes the next bytes of the stream; returns the whole lines of workers in them.
    mutating func workerLines(in bytes: some Sequence<UInt8>) -> [UInt8] {
        var lines: [UInt8] = []
        for byte in bytes {
            line.append(byte)
            if byte == UInt8(ascii: "\n") { lines += endLine() }
        }
        return lines
    }

    /// The end of the stream: returns the rest of the workers' lines.
    mutating func finish() -> [UInt8] {
        let rest = line.isEmpty ? [] : endLine()
        if let block { note(block) }
        block = nil
        return rest
    }

    /// Takes the messages out.
    mutating func takeMessages() -> [UInt8] {
        defer { messages = [] }
        return messages
    }

    private mutating func endLine() -> [UInt8] {
        defer { line = [] }
        let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if let begun = block {
            if Self.isRule(text) {
                note(begun)
                block = nil
            } else {
                block = begun + [text]
            }
        } else if Self.isRule(text) {
            block = []
        } else if !Self.isMessage(text) {
            return line
        }
        messages += line
        return []
    }

    /// A line of dashes or of equal signs, as they stand around a block.
    private static func isRule(_ text: String) -> Bool {
        text.count > 50 && (text.allSatisfy { $0 == "-" } || text.allSatisfy { $0 == "=" })
    }

    /// The lines that MPICH writes behind its block.
    private static let endings = [
        "YOUR APPLICATION TERMINATED", "This typically refers to a problem", "Please see the FAQ",
    ]

    /// A line such as `[host:17] …`, `[proxy:0:0@host] …` or `mpirun.openmpi: …`.
    private static func isMessage(_ text: String) -> Bool {
        if endings.contains(where: text.hasPrefix) { return true }
        if text.hasPrefix("mpirun"), text.split(separator: " ").first?.hasSuffix(":") == true { return true }
        guard text.hasPrefix("["), let name = text.dropFirst().split(separator: "]").first else { return false }
        return (name.contains(":") || name.contains("@")) && !name.contains(" ")
    }

    private mutating func note(_ block: [String]) {
        guard sentence == nil, let first = Self.firstSentence(of: block) else { return }
        // this block comes before the one that says which process it was
        if first.hasPrefix("Primary job") { return }
        sentence = first
    }

    /// The first sentence of Open MPI's block; the facts of MPICH's, which has no sentences.
    private static func firstSentence(of block: [String]) -> String? {
        let facts = block.filter { $0.hasPrefix("=") }.map { $0.drop { $0 == "=" || $0 == " " } }
        if !facts.isEmpty {
            return facts.prefix { !$0.hasPrefix("CLEANING UP") }.joined(separator: ", ")
        }
        let paragraph = block.drop { $0.isEmpty }.prefix { !$0.isEmpty }
        let words = paragraph.joined(separator: " ").split(separator: " ")
        let length = words.firstIndex { $0.hasSuffix(".") || $0.hasSuffix(":") }.map { $0 + 1 } ?? words.count
        let text = words.prefix(length).joined(separator: " ")
        return text.isEmpty ? nil : text.hasSuffix(".") || text.hasSuffix(":") ? String(text.dropLast()) : text
    }
}
