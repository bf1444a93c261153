import Batchwise

extension ColumnRule {
    /// How the column must be read.
    var tableKind: Table.Kind {
        switch kind {
        case nil: .either
        case .standardise, .minMax, .log, .asIs: .numeric
        case .oneHot, .ordinal, .hash: .categorical
        case .ignore: .skip
        }
    }
}
