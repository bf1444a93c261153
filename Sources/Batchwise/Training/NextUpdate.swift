/// Everything that decides an update beside the numbers in memory: a pure function of recipe and clock.
struct NextUpdate: Equatable {
    /// Counts from 1 over the whole run.
    var number: Int
    var epoch: Int
    /// Of its examples in the epoch's order.
    var positions: Range<Int>
    var rate: Double
    /// In place of the optimizer's own, where the schedule or a growing batch changes it.
    var momentum: Float?
    /// The weight of the new parameters in their average: 0 leaves it as it is, 1 begins it.
    var averageWeight: Float = 0
    /// What quantities that are due are computed from.
    var needs: UpdateNeeds = []
}
