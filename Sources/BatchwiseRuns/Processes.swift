import Batchwise
import Foundations

/// The processes that train one run together: the first of them writes its files and speaks for all.
///
/// All processes take the same steps in the same order. What one process decides alone, by its clock or by a signal, it
/// tells the others here.
package struct Processes {
    /// This process, which trains by itself.
    package static var alone: Processes { Processes(nil) }

    package let communicator: (any Communicator)?
    package let heartbeat: Heartbeat?
    private let failure = Failure()

    private final class Failure {
        var isAgreed = false
    }

    /// Whether the last step that failed has failed in all processes: they end together then.
    package var haveFailedTogether: Bool { failure.isAgreed }

    /// - Parameters:
    ///   - communicator: joins the processes; nil where there is one.
    ///   - heartbeat: tells a supervisor how far the processes are; nil where nobody supervises, and in all processes but
    ///     the first.
    package init(_ communicator: (any Communicator)?, heartbeat: Heartbeat? = nil) {
        self.communicator = communicator
        self.heartbeat = heartbeat
    }

    package var rank: Int { communicator?.rank ?? 0 }
    package var count: Int { communicator?.size ?? 1 }
    package var machines: Int { communicator?.machines ?? 1 }
    package var isFirst: Bool { rank == 0 }

    // MARK: Numbers

    /// The number of each process, by rank.
    private func gather(_ number: Int) -> [Int] {
        guard let communicator else { return [number] }
        var numbers = Array(repeating: number, count: count)
        numbers.withUnsafeMutableBufferPointer { all in
            communicator.exchange { body in
                for rank in all.indices {
                    body(rank, UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: all[rank...rank])))
                }
            }
        }
        return numbers
    }

    /// The number that the first process gives.
    package func first(_ number: Int) -> Int { communicator == nil ? number : gather(number)[0] }

    /// The smallest of the numbers.
    package func least(_ number: Int) -> Int { gather(number).min() ?? number }

    /// Whether the first process says so.
    func first(_ answer: Bool) -> Bool { first(answer ? 1 : 0) == 1 }

    /// Whether any process says so.
    func any(_ answer: Bool) -> Bool { communicator == nil ? answer : gather(answer ? 1 : 0).contains(1) }

    // MARK: Texts

    /// The text of each process, by rank.
    func gather(_ text: String) -> [String] {
        guard let communicator else { return [text] }
        let lengths = gather(text.utf8.count)
        var texts = lengths.map { [UInt8](repeating: 0, count: $0) }
        texts[rank] = Array(text.utf8)
        let buffers = texts.map { bytes in
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
            buffer.copyBytes(from: bytes)
            return buffer
        }
        defer { buffers.forEach { $0.deallocate() } }
        communicator.exchange { body in
            for (rank, buffer) in buffers.enumerated() {
                body(rank, UnsafeMutableRawBufferPointer(rebasing: buffer[..<lengths[rank]]))
            }
        }
        return zip(buffers, lengths).map { String(decoding: $0[..<$1], as: UTF8.self) }
    }

    // MARK: Steps that may fail

    /// Takes a step in every process, and throws in all of them where it throws in one: its own error there, and
    /// ``OtherProcessError`` elsewhere.
    @discardableResult
    package func together<Result>(_ step: () throws -> Result) throws -> Result {
        guard communicator != nil else { return try step() }
        let result = Swift.Result(catching: step)
        let texts = gather(result.failure.map { "\($0)" } ?? "")
        failure.isAgreed = texts.contains { !$0.isEmpty }
        if case .failure = result { return try result.get() }
        if let rank = texts.firstIndex(where: { !$0.isEmpty }) {
            throw OtherProcessError(rank: rank, message: texts[rank])
        }
        return try result.get()
    }

    /// Makes sure that facts are the same in all processes, before they train: each is a name and a text.
    package func requireSame(_ facts: [(name: String, text: String)]) throws {
        for (name, text) in facts {
            let texts = gather(text)
            guard let other = texts.firstIndex(where: { $0 != texts[0] }) else { continue }
            let difference = Self.firstDifference(texts[other], texts[0])
            try together {
                throw RunError.differentProcesses(
                    rank: other, name: name, found: difference.found, expected: difference.expected)
            }
        }
    }

    /// The first lines that differ.
    private static func firstDifference(_ one: String, _ other: String) -> (found: String, expected: String) {
        func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        let (mine, theirs) = (lines(one), lines(other))
        let place = zip(mine, theirs).prefix { $0 == $1 }.count
        func line(_ lines: [Substring]) -> String {
            place < lines.count ? lines[place].prefix(100).trimmingCharacters(in: .whitespaces) : "nothing"
        }
        return (line(mine), line(theirs))
    }
}

/// A step that failed in another process.
package struct OtherProcessError: Error, CustomStringConvertible {
    package let rank: Int
    package let message: String
    package var description: String { "process \(rank): \(message)" }
}

extension Swift.Result {
    fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
