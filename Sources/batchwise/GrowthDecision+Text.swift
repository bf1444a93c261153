import Batchwise

extension GrowthDecision {
    /// The decision in one line for people.
    var text: String {
        let change = batch > before ? "grows from \(before) to \(batch)" : "stays \(before)"
        let why =
            switch (reason, asked) {
            case (.unclear, _): "\(counted(sample, "example")) are too few to measure |G|^2"
            case (.hasGrown, _): "it has just grown"
            case (_, let asked?): "\(by) asks for \(significant(asked))"
            case (_, nil): "\(by) asks for the largest"
            }
        let limit =
            switch reason {
            case .times: ", grow.times allows no more at once"
            case .upTo: ", grow.up-to allows no more"
            default: ""
            }
        return "batch \(change) at update \(update): \(why)\(limit)"
    }
}
