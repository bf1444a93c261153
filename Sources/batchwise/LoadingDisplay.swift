import Foundation
import Foundations

/// Shows the progress of reading many images on standard error, where it takes longer than a second.
final class LoadingDisplay {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let started = now()
    private var last = now()
    private var isDrawn = false

    /// Draws the part that is read: on a terminal a few times a second, elsewhere a line now and then.
    func draw(_ part: Double) {
        let time = now()
        guard time - started > 1, time - last > (isTerminal ? 0.2 : 10) else { return }
        last = time
        let left = (time - started) * (1 - part) / max(part, 1e-9)
        let text = "reading images: \(String(format: "%.0f%%", 100 * part)), \(clockTime(left)) left"
        guard isTerminal else { return Output.log(text) }
        Output.draw("\r\(text)\u{1B}[K")
        isDrawn = true
    }

    /// Removes the line.
    func clear() {
        if isDrawn { Output.draw("\r\u{1B}[K") }
        isDrawn = false
    }
}
