import Batchwise

extension ColumnRule {
    /// The type that the column is read as.
    var tableKind: Table.Kind {
        switch kind {
        case nil: .either
        case .standardise, .minMax, .log, .asIs: .numeric
        case .oneHot, .ordinal, .hash: .categorical
        case .date: .date
        case .ignore: .skip
        }
    }
}
