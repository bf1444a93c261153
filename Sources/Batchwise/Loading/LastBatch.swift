/// The treatment of the last batch of an epoch when the batch does not divide the number of examples.
///
/// With 100 examples and batches of 32:
///
/// | choice | batches | examples in the last | examples an epoch |
/// |---|---|---|---|
/// | ``keep`` | 4 | 4 | 100 |
/// | ``drop`` | 3 | 32 | 96 |
/// | ``pad`` | 4 | 4, and 28 of weight 0 | 100 |
///
/// Evaluation ignores the choice and always sees every example once.
public enum LastBatch: String, Codable, Sendable, Hashable, CaseIterable {
    /// A smaller batch, whose gradient is the exact mean over its own examples.
    case keep
    /// There is no last batch: the examples that are left over sit out this epoch. The next epoch's shuffle leaves out
    /// others.
    case drop
    /// A batch of full size whose missing examples have weight 0 and count in no statistic. Its gradient is that of
    /// ``keep``.
    case pad
}
