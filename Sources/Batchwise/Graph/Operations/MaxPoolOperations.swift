import CKernels

/// The largest number of each window; not a number where one is.
struct MaxPoolTraits: OperationTraits {
    let pool: PoolShape

    func shape(of inputs: [Shape]) -> Shape? { pool.output }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        let x = backward.inputs(of: node)[0]
        backward.accumulate(backward.add(.maxPoolGradient(pool), [x, dy]), into: x)
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.maxPool(pool, inputs[0])
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_MAX_POOL, x: node.x(0), y: node.y).of(pool)
    }
}

/// The slope of each window goes to the first of its largest numbers.
struct MaxPoolGradientTraits: OperationTraits {
    let pool: PoolShape

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    /// Windows that overlap may send their slopes to one line.
    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing {
        rows == 1 && pool.strideHeight >= pool.windowHeight ? .lines : .rows
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.maxPoolGradient(pool, inputs[0], inputs[1])
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_MAX_POOL_GRADIENT, x: node.x(0), y: node.y, z: node.x(1)).of(pool)
    }
}

extension Interpreter {
    static func maxPool(_ shape: PoolShape, _ x: [Scalar]) -> [Scalar] {
        shape.windows(count: x.count).map { window in
            var largest = x[window[0]]
            for place in window where x[place] > largest || x[place].isNaN { largest = x[place] }
            return largest
        }
    }

    static func maxPoolGradient(_ shape: PoolShape, _ x: [Scalar], _ dy: [Scalar]) -> [Scalar] {
        var dx = [Scalar](repeating: 0, count: x.count)
        for (window, slope) in zip(shape.windows(count: x.count), dy) { dx[firstOfLargest(window, x)] += slope }
        return dx
    }

    static func firstOfLargest(_ window: [Int], _ x: [Scalar]) -> Int {
        var first = window[0]
        for place in window where x[place] > x[first] { first = place }
        return first
    }
}
