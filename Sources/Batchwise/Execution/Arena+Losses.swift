import CKernels

// Reads the losses that a program has computed: pairs (loss, 1 where the prediction is right), or single losses for a
// loss of the program's own.

extension Arena {
    /// The loss of the example in a row, and 1 where its prediction is right. The program must have a loss.
    func lossAndRight(_ row: Int, _ losses: Program.Tensor, _ loss: Loss) -> (loss: Float, right: Float) {
        if losses.width == 2 { return (base[losses.offset + 2 * row], base[losses.offset + 2 * row + 1]) }
        return (base[losses.offset + row], loss.isClassification && hasRightPrediction(row) ? 1 : 0)
    }

    /// Whether the largest prediction stands where the largest target does, the first of equals.
    private func hasRightPrediction(_ row: Int) -> Bool {
        guard let target = program.target else { return false }
        let width = target.width
        func largest(_ tensor: Program.Tensor) -> Int {
            let numbers = base + tensor.offset + row * width
            var place = 0
            for index in 1..<max(width, 1) where numbers[index] > numbers[place] { place = index }
            return place
        }
        return largest(program.prediction) == largest(target)
    }

    /// Adds up losses of the program's own as `bw_sum_losses` does: by the example's place in the batch, in eight
    /// chains.
    func sumLosses(
        _ losses: Program.Tensor, _ loss: Loss, weights: UnsafePointer<Float>?, first: Int, rows: Int,
        into sums: UnsafeMutablePointer<Double>
    ) {
        for row in 0..<rows {
            let weight = weights.map { Double($0[Int(examples[row])]) } ?? 1
            let found = lossAndRight(row, losses, loss)
            sums[(first + row) % 8] += weight * Double(found.loss)
            sums[8 + (first + row) % 8] += weight * Double(found.right)
        }
    }
}
