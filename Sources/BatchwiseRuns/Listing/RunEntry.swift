import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// A run as a list of runs shows it: read from its directory, without changing anything there.
package struct RunEntry: Sendable {
    /// Whether the run goes on, came to its end, or could go on.
    package enum Status: String, Sendable { case running, finished, interrupted, failed, damaged }

    /// The path of the run's directory.
    package let path: String
    package let status: Status
    /// When the run began: its first event, or the time of its recipe; seconds since 1970.
    package let began: Double
    /// The files of the data, and the columns that are learned.
    package let source: String
    package let target: String?
    /// Finished epochs, and those of the recipe.
    package let epochs: Int
    package let allEpochs: Int?
    package let updates: Int
    /// The metric that tells most, by its name in the log, and its value at the end; nil before the first epoch.
    package let metric: (name: String, value: Double)?
    /// The number of trained parameters; nil where the plan is missing.
    package let parameters: Int?
    /// Bytes of all files in the directory.
    package let bytes: Int
    /// The recipe as keys and values; nil where it cannot be read.
    package let recipe: RecipeValue?

    /// The name of the directory.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Reads a run. Nil where the directory holds none: see ``RunMark``.
    package init?(_ path: String) {
        guard RunMark.isRun(path) else { return nil }
        self.path = path
        let directory = path.hasSuffix("/") ? String(path.dropLast()) : path
        recipe = (try? RunDirectory.text(of: directory + "/recipe.yaml")).flatMap { try? RecipeValue(yaml: $0) }
        let log = try? RunLog(of: directory)
        let events = log?.events ?? []
        let isFree = Self.isFree(directory)
        status =
            if recipe == nil || log == nil { .damaged } else if !isFree { .running } else {
                switch log?.end?.status {
                case .finished?, .stopped?: .finished
                case .failed?: .failed
                case .interrupted?, nil: .interrupted
                }
            }
        var time = stat()
        let isThere = stat(directory + "/recipe.yaml", &time) == 0
        began = Self.beginning(events) ?? (isThere ? Double(time.st_mtim.tv_sec) : 0)
        (source, target) = Self.source(recipe)
        let finished = events.compactMap { if case .epoch(let epoch) = $0 { epoch } else { nil } }
        epochs = finished.last?.epoch ?? 0
        if case .int(let number)? = recipe?["epochs"] { allEpochs = number } else { allEpochs = nil }
        updates = events.map(\.update).max() ?? 0
        metric = Self.metric(events, finished.last)
        parameters = Self.parameters(events)
        bytes = RunFiles.bytes(in: directory)
    }

    /// Whether nobody trains in the directory now.
    private static func isFree(_ path: String) -> Bool {
        do {
            _ = try RunLock(path)
            return true
        } catch RunError.locked { return false } catch { return true }
    }

    private static func beginning(_ events: [RunEvent]) -> Double? {
        guard case .start(let start)? = events.first else { return nil }
        return ISO8601DateFormatter().date(from: start.time)?.timeIntervalSince1970
    }

    private static func source(_ recipe: RecipeValue?) -> (String, String?) {
        func texts(_ value: RecipeValue?) -> [String] {
            switch value {
            case .string(let text): [text]
            case .int(let number): [String(number)]
            case .list(let items): items.flatMap { texts($0) }
            default: []
            }
        }
        let data = recipe?["data"]
        let files = texts(data?["train"] ?? data).map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let targets = texts(data?["target"])
        return (files.joined(separator: ", "), targets.isEmpty ? nil : targets.joined(separator: ", "))
    }

    /// The result on the test examples, or else on those for validation, or else the training loss.
    private static func metric(_ events: [RunEvent], _ last: RunEvent.Epoch?) -> (name: String, value: Double)? {
        for part in [RunEvent.Evaluated.Part.test, .validation] {
            let found = events.last { if case .evaluation(let event) = $0 { event.part == part } else { false } }
            guard case .evaluation(let event)? = found else { continue }
            if let accuracy = event.result.accuracy { return ("\(part.rawValue)_accuracy", accuracy) }
            return event.result.rmse.map { ("\(part.rawValue)_rmse", $0) } ?? (
                "\(part.rawValue)_loss", event.result.loss
            )
        }
        return last?.trainLoss.map { ("train_loss", $0) }
    }

    private static func parameters(_ events: [RunEvent]) -> Int? {
        let plan = events.lazy.reversed().compactMap { event -> RecipeValue? in
            switch event {
            case .start(let start): start.host.plan
            case .resume(let resume): resume.host.plan
            default: nil
            }
        }.first
        guard case .int(let count)? = plan?["parameters"] else { return nil }
        return count
    }
}
