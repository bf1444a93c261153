import CKernels

/// Where each parameter lies in the flat vector that holds them all, and how.
package struct ParameterLayout: Sendable {
    package let parameters: [Parameter]
    package let offsets: [Int]
    package let count: Int
    /// Columns of a panel for each weight that lies in panels (see `dense.h`): those that only dense layers read, and that
    /// are wider than one panel.
    private let isPanelled: [Bool]

    package init(_ graph: Graph) {
        parameters = graph.parameters
        isPanelled = graph.weightsOfDenseLayersAlone()
        var offsets: [Int] = []
        var next = 0
        for parameter in parameters {
            offsets.append(next)
            next += (parameter.count + 15) / 16 * 16
        }
        self.offsets = offsets
        count = next
    }

    /// Columns of a panel of a dense weight; all of them where it is a plain matrix.
    func panel(_ index: Int) -> Int {
        isPanelled[index] ? min(Int(BW_PANEL), parameters[index].shape[1]) : max(parameters[index].shape.last ?? 1, 1)
    }

    /// Writes a parameter, or a vector of an optimizer that goes with it, into the vector of all.
    func write(_ values: [Float], _ index: Int, to vector: UnsafeMutablePointer<Float>) {
        let target = vector + offsets[index]
        forEachPanelRow(index) { row, panelRow, width in
            for column in 0..<width { target[panelRow + column] = values[row + column] }
        }
    }

    /// Reads a parameter, or a vector that goes with it, in the order of its shape.
    func read(_ index: Int, from vector: UnsafePointer<Float>) -> [Float] {
        let source = vector + offsets[index]
        guard isPanelled[index] else {
            return Array(UnsafeBufferPointer(start: source, count: parameters[index].count))
        }
        var values = [Float](repeating: 0, count: parameters[index].count)
        forEachPanelRow(index) { row, panelRow, width in
            for column in 0..<width { values[row + column] = source[panelRow + column] }
        }
        return values
    }

    /// The places of each row of each panel: in the order of the shape, and in memory.
    private func forEachPanelRow(_ index: Int, _ body: (_ row: Int, _ panelRow: Int, _ width: Int) -> Void) {
        let columns = max(parameters[index].shape.last ?? 1, 1)
        let rows = parameters[index].count / columns
        let panel = panel(index)
        for first in stride(from: 0, to: columns, by: panel) {
            let width = min(panel, columns - first)
            for row in 0..<rows { body(row * columns + first, first * rows + row * width, width) }
        }
    }
}

extension Graph {
    /// For each parameter, whether dense layers and their gradients are all that reads it.
    fileprivate func weightsOfDenseLayersAlone() -> [Bool] {
        var result = parameters.map { $0.layout == .dense && $0.shape.count == 2 }
        for node in nodes {
            for (position, input) in node.inputs.enumerated() {
                guard case .parameter(let index) = nodes[input].operation else { continue }
                switch node.operation {
                case .dense where position == 1, .denseInputGradient where position == 1: break
                default: result[index] = false
                }
            }
        }
        for gradient in gradients {
            for reduction in gradient.reductions where nodes[reduction].operation != .denseWeightGradient {
                result[gradient.parameter] = false
            }
        }
        return result
    }
}

extension Parameter {
    /// From this library's layout to that of files (and PyTorch).
    package func toFile(_ values: [Float]) -> (shape: [Int], values: [Float]) {
        let (shape, order) = filePlaces
        return (shape, order.map { values[$0] })
    }

    /// From the layout of files to this library's.
    package func fromFile(_ values: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: count)
        for (value, place) in zip(values, filePlaces.order) { result[place] = value }
        return result
    }

    /// The shape that files use.
    package var fileShape: [Int] {
        switch layout {
        case .plain: shape
        case .dense: [shape[1], shape[0]]
        case .convolution: [shape[0] * shape[4], shape[3], shape[1], shape[2]]
        }
    }

    /// The shape in files and, for each number of the file in order, its place here.
    private var filePlaces: (shape: [Int], order: [Int]) {
        switch layout {
        case .plain:
            return (fileShape, Array(0..<count))
        case .dense:
            let (inputs, outputs) = (shape[0], shape[1])
            return (fileShape, (0..<count).map { $0 % inputs * outputs + $0 / inputs })
        case .convolution:
            let (height, width, inputs, outputs) = (shape[1], shape[2], shape[3], shape[4])
            var order: [Int] = []
            order.reserveCapacity(count)
            for group in 0..<shape[0] {
                for output in 0..<outputs {
                    for input in 0..<inputs {
                        for row in 0..<height {
                            for column in 0..<width {
                                let window = (group * height + row) * width + column
                                order.append((window * inputs + input) * outputs + output)
                            }
                        }
                    }
                }
            }
            return (fileShape, order)
        }
    }
}
