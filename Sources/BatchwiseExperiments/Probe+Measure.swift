import Batchwise

extension Probe {
    /// Lends the numbers of an update on the examples at these positions of an epoch, as ``look(at:ofEpoch:_:)`` does.
    /// Throws ``MeasurementError/notFinite(layer:)`` where they are not finite.
    mutating func measure<Result>(
        at positions: Range<Int>, ofEpoch epoch: Int = 1, _ body: (borrowing MeasuredUpdate) throws -> Result
    ) throws -> Result {
        do {
            return try look(at: positions, ofEpoch: epoch, body)
        } catch TrainingError.notFinite(_, _, let layer, _) {
            throw MeasurementError.notFinite(layer: layer)
        }
    }

    /// The same on the examples at these positions of an order, without dropout.
    mutating func measure<Result>(
        at positions: Range<Int>, of order: EpochOrder, _ body: (borrowing MeasuredUpdate) throws -> Result
    ) throws -> Result {
        do {
            return try look(at: positions, of: order, dropout: 1, body)
        } catch TrainingError.notFinite(_, _, let layer, _) {
            throw MeasurementError.notFinite(layer: layer)
        }
    }
}
