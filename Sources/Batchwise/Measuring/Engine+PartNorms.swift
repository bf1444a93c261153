import CKernels

// Squared norms of the gradients of single examples and of lanes, from the tensors of a round: after its backward pass,
// before the next round overwrites them. Nothing that the update reads is changed.

extension Engine {
    /// Measures what quantities need of the examples and lanes of a round.
    func measureParts(_ round: Range<Int>, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?) {
        guard let parts = workspace.parts else { return }
        let needs = current.pointee.needs
        for place in workspace.blocks.indices {
            let block = workspace.blocks[place]
            for row in rows(of: thread, inBlock: place) {
                parts.weights[block.first + row] = source.weight(Int(block.examples[row]))
                if let losses = program.losses, let arena = block.arena {
                    parts.losses[block.first + row] = Double(arena[losses.offset + row * losses.width])
                }
                if needs.contains(.exampleNorms) { measure(row, of: block, parts, thread, sparse) }
            }
        }
        if needs.contains(.laneNorms) { measureLanes(of: round, parts, thread, sparse) }
    }

    /// The rows of a block that a thread measures: which ones changes nothing. Among several processes each measures all.
    private func rows(of thread: Int, inBlock place: Int) -> Range<Int> {
        let rows = workspace.blocks[place].rows
        let active = current.pointee.active
        if program.isShared || !isAlone { return rows * thread / active..<rows * (thread + 1) / active }
        return division.workers(ofThread: thread, of: active).contains(place) ? 0..<rows : 0..<0
    }

    // MARK: Examples

    /// |g_i|^2 of an example: its gradients in the arena are those of w_i / (n w) times its loss, which is undone.
    private func measure(
        _ row: Int, of block: bw_block, _ parts: PartNorms, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?
    ) {
        guard let arena = block.arena else { return }
        // as it was gathered: its place in the arena is in use again
        let factor = Double(source.lossFactor(ofExample: Int(block.examples[row]), divisor: current.pointee.divisor))
        for (place, gradient) in program.gradients.enumerated() {
            var square = 0.0
            if factor != 0 {
                let first = gradient.reductions[0]
                switch parts.methods[place] {
                case .product:
                    square =
                        squareOfInput(first, row, block, sparse)
                        * squaredRow(first, first.dy, first.outputs, row, arena)
                case .row: square = squaredRow(first, first.dy, first.outputs, row, arena)
                case .embedding: square = squareOfTable(first, row, arena)
                case .sum: square = squareOfSum(place, block.first + row, parts, thread, sparse)
                }
                square /= factor * factor
            }
            parts.examples[parts.place(block.first + row, place)] = square
        }
    }

    /// |x|^2 of an example's input of a dense layer.
    private func squareOfInput(
        _ reduction: bw_reduction, _ row: Int, _ block: bw_block, _ sparse: UnsafePointer<bw_rows>?
    ) -> Double {
        guard reduction.kind == BW_REDUCE_SPARSE else {
            return block.arena.map { squaredRow(reduction, reduction.x, reduction.inputs, row, $0) } ?? 0
        }
        guard let rows = sparse?.pointee, let starts = rows.starts, let values = rows.floats else { return 0 }
        let example = Int(block.examples[row])
        var sum = 0.0
        for place in starts[example]..<starts[example + 1] { sum += Double(values[place]) * Double(values[place]) }
        return sum
    }

    /// The sum of the squares of a row of a tensor.
    private func squaredRow(
        _ reduction: bw_reduction, _ offset: Int, _ width: Int, _ row: Int, _ arena: UnsafePointer<Float>
    ) -> Double {
        guard reduction.is_bfloat16.isTrue else { return bw_sum_squares(arena + offset + row * width, width) }
        // two rows stand in one: bfloat16 numbers, the first row's in the low halves
        var sum = 0.0
        let pairs = arena + offset + row / 2 * width
        for place in 0..<width {
            let bits = pairs[place].bitPattern
            let value = Double(Float(bitPattern: row % 2 == 0 ? bits << 16 : bits & 0xFFFF_0000))
            sum += value * value
        }
        return sum
    }

    /// The sum over the ids of an example of |sum of the dy at the places that have the id|^2.
    private func squareOfTable(_ reduction: bw_reduction, _ row: Int, _ arena: UnsafePointer<Float>) -> Double {
        let (length, width) = (reduction.example_rows, reduction.outputs)
        let ids = arena + reduction.x + row * length
        let dy = arena + reduction.dy + row * length * width
        var sum = 0.0
        for place in 0..<length {
            let id = ids[place]
            guard !(0..<place).contains(where: { ids[$0] == id }) else { continue }
            guard (place + 1..<length).contains(where: { ids[$0] == id }) else {
                sum += bw_sum_squares(dy + place * width, width)
                continue
            }
            for column in 0..<width {
                var total = 0.0
                for other in place..<length where ids[other] == id { total += Double(dy[other * width + column]) }
                sum += total * total
            }
        }
        return sum
    }

    /// The squared norm of an example's gradient as it is summed from the arena.
    private func squareOfSum(
        _ gradient: Int, _ example: Int, _ parts: PartNorms, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?
    ) -> Double {
        var part = current.pointee.round(example..<example + 1, sparse)
        let scratch = parts.scratch(of: thread)
        var sum = 0.0
        for index in parts.slicesOfGradients[gradient] {
            bw_reduce_chain(&part, &parts.slices[index], scratch)
            sum += bw_sum_squares(scratch, parts.slices[index].count)
        }
        return sum
    }

    // MARK: Lanes

    /// Sums each lane as a batch of its own, and measures those that end in the round. A lane that goes on in the next
    /// round is one chain over both.
    private func measureLanes(
        of round: Range<Int>, _ parts: PartNorms, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?
    ) {
        let active = current.pointee.active
        let own = parts.slices.count * thread / active..<parts.slices.count * (thread + 1) / active
        for lane in 0..<current.pointee.batch.lanes {
            let (start, end) = (workspace.laneStarts[lane], workspace.laneStarts[lane + 1])
            let (from, to) = (max(start, round.lowerBound), min(end, round.upperBound))
            guard from < to else { continue }
            var part = current.pointee.round(from..<to, sparse)
            part.lanes = 1
            part.lane_starts = UnsafePointer(workspace.laneStarts.baseAddress.map { $0 + lane })
            for index in own {
                let sum = parts.laneSum + parts.slices[index].offset
                bw_reduce(&part, &parts.slices[index], sum, 0)
                if to == end {
                    parts.lanes[lane * parts.slices.count + index] = bw_sum_squares(sum, parts.slices[index].count)
                }
            }
        }
    }
}
