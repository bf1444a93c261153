// Functions of the last axis of a tensor `[batch, …, width]`.

extension Symbol {
    /// The sum over the last axis, whose length becomes 1.
    public func sumLast() -> Symbol {
        guard shape.count >= 2 else { return failing("\(shape) has no axis to sum over") }
        return then(.sumLast)
    }

    /// The mean over the last axis, whose length becomes 1.
    public func meanLast() -> Symbol { (1 / Float(shape.width)) * sumLast() }

    /// The largest number of the last axis, whose length becomes 1. Its gradient goes to the first of equal ones.
    public func maxLast() -> Symbol {
        guard let table else { return failing("\(shape) has no last axis to take the largest number of") }
        let (height, width) = (table.shape.lengths[0], table.shape.lengths[1])
        let pool = PoolShape(
            height: height, width: width, channels: 1, outHeight: height, outWidth: 1, windowHeight: 1,
            windowWidth: width, strideHeight: 1, strideWidth: width)
        return table.then(.maxPool(pool)).reshaped(shape.lengths.dropLast() + [1])
    }

    /// e^x / sum(e^x) over the last axis, without overflow: the probabilities of logits.
    public func softmax() -> Symbol {
        let powers = (self - maxLast()).exp()
        return powers / powers.sumLast()
    }

    /// The numbers of the last axis at these places: `x.slice(0..<2)` are the first two.
    public func slice(_ places: Range<Int>) -> Symbol {
        guard let table, places.lowerBound >= 0, places.upperBound <= shape.width, !places.isEmpty else {
            return failing("\(shape) has no places \(places) in its last axis")
        }
        return table.placed(at: -places.lowerBound, width: places.count)
            .reshaped(shape.lengths.dropLast() + [places.count])
    }

    /// This tensor and others one after the other along the last axis. All other axes have the same lengths.
    public func concatenated(with others: Symbol...) -> Symbol {
        let parts = [self] + others
        let width = parts.reduce(0) { $0 + $1.shape.width }
        var (sum, left): (Symbol?, Int) = (nil, 0)
        for part in parts {
            guard part.recorder === recorder else { return failing("symbols of two different graphs do not combine") }
            guard let table = part.table, part.shape.lengths.dropLast() == shape.lengths.dropLast() else {
                return failing("shapes \(shape) and \(part.shape) do not go together but for their last axis")
            }
            let placed = table.placed(at: left, width: width)
            sum = sum.map { $0 + placed } ?? placed
            left += part.shape.width
        }
        return (sum ?? self).reshaped(shape.lengths.dropLast() + [width])
    }

    /// The rows of the last axis as an image of one channel; nil where there is no last axis.
    private var table: Symbol? {
        guard shape.hasBatch, shape.count >= 2, shape.elements > 0 else { return nil }
        return reshaped([shape.elements / shape.width, shape.width, 1])
    }

    /// The columns of a table at `left` of a table of this width: zeros beside them, and without those that fall
    /// outside.
    private func placed(at left: Int, width: Int) -> Symbol {
        let lengths = shape.lengths
        return then(
            .pad(
                PadShape(
                    height: lengths[0], width: lengths[1], channels: 1, outHeight: lengths[0], outWidth: width, top: 0,
                    left: left)))
    }
}
