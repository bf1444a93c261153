import Batchwise
import BatchwiseRuns
import Foundation
import Foundations

/// The directory of a sweep: `sweep.yaml`, the run of each cell in a folder of its own, and `sweep.json` with the
/// results. It is locked while this value lives.
package final class SweepDirectory {
    package let path: String
    package let sweep: Sweep
    private let lock: RunLock

    /// Begins a sweep in a new directory, or goes on with the same sweep in its own.
    ///
    /// - Parameter source: names a new directory in `runs` where `path` is nil.
    package init(_ sweep: Sweep, at path: String?, source: String) throws {
        let text = try sweep.notation.yaml()
        self.sweep = sweep
        if let path, Self.isAt(path) {
            self.path = path
            lock = try RunLock(path)
            guard try Self.text(of: "\(path)/\(RunDirectory.sweepFile)") == text else {
                throw SweepError.otherSweep(path)
            }
        } else {
            let place = try RunDirectory(creating: path, source: "sweep-\(source)")
            self.path = place.path
            lock = try RunLock(place.path)
            try place.clear()
            try AtomicFile.write(Array(text.utf8), to: "\(place.path)/\(RunDirectory.sweepFile)")
        }
        AtomicFile.removeLeftovers(in: self.path)
    }

    /// Opens the directory of a sweep that was stopped or killed.
    package init(existing path: String) throws {
        guard Self.isAt(path) else { throw SweepError.noSweep(path) }
        self.path = path
        lock = try RunLock(path)
        let file = "\(path)/\(RunDirectory.sweepFile)"
        do {
            guard let sweep = try Sweep(notation: try RecipeValue(yaml: try Self.text(of: file))) else {
                throw SweepError.damaged(file, reason: "it does not say what varies in which recipe")
            }
            self.sweep = sweep
        } catch let error as RecipeError { throw SweepError.damaged(file, reason: "\(error)") }
        AtomicFile.removeLeftovers(in: path)
    }

    /// Whether the directory is that of a sweep.
    package static func isAt(_ path: String) -> Bool { access("\(path)/\(RunDirectory.sweepFile)", F_OK) == 0 }

    private static func text(of file: String) throws -> String {
        guard let text = String(validating: try readAll(file, limit: 1 << 24), as: UTF8.self) else {
            throw SweepError.damaged(file, reason: "it is not UTF-8 text")
        }
        return text
    }
}
