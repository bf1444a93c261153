/// The settings of the next update, a pure function of recipe and clock. Beside them only the numbers in memory decide
/// its result.
struct NextUpdate: Equatable {
    /// The number of the update, counted from 1 over the whole run.
    var number: Int
    var epoch: Int
    /// The positions of the update's examples in the epoch's order.
    var positions: Range<Int>
    var rate: Double
    /// The number of updates by which the gradient is late.
    var delay = 0
    /// The places of the batch whose examples are left out of the gradient and of the loss.
    var leftOut: [Range<Int>] = []
    /// AdaScale's gain, a factor of the rate; nil without AdaScale.
    var gain: Double?
    /// The momentum, in place of the optimizer's own, where the schedule or a growing batch changes it.
    var momentum: Float?
    /// The weight of the new parameters in their average: 0 leaves it as it is, 1 begins it.
    var averageWeight: Float = 0
    /// The needs of the quantities that are due.
    var needs: UpdateNeeds = []
}
