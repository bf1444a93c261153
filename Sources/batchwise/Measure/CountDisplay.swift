import Foundation

/// Shows how much of a measurement is done: a line that is drawn over, on a terminal only.
final class CountDisplay {
    private let what: String
    private let isTerminal = isatty(STDERR_FILENO) != 0
    private var drawn = Date.distantPast

    init(_ what: String) { self.what = what }

    func draw(_ done: Int, _ count: Int) {
        guard isTerminal, Date().timeIntervalSince(drawn) > 0.1 else { return }
        drawn = Date()
        Output.draw("\r\u{1B}[K\(done) of \(count) \(what)")
    }

    func clear() {
        if isTerminal { Output.draw("\r\u{1B}[K") }
    }
}

/// Shows what a measurement does now: a line that is drawn over, on a terminal only.
struct TextDisplay {
    private let isTerminal = isatty(STDERR_FILENO) != 0

    func draw(_ text: String) {
        if isTerminal { Output.draw("\r\u{1B}[K\(text)") }
    }

    func clear() {
        if isTerminal { Output.draw("\r\u{1B}[K") }
    }
}
