import CKernels

/// The place and layout of each parameter in the flat vector that holds all parameters.
package struct ParameterLayout: Sendable {
    package let parameters: [Parameter]
    package let offsets: [Int]
    package let count: Int
    let storage: [WeightStorage]

    package init(_ graph: Graph) {
        parameters = graph.parameters
        storage = graph.weightStorages()
        var offsets: [Int] = []
        var next = 0
        for parameter in parameters {
            offsets.append(next)
            next += (parameter.count + 15) / 16 * 16
        }
        self.offsets = offsets
        count = next
    }

    /// The columns of a panel of a dense weight; all columns where the weight is a plain matrix, and 0 where it lies
    /// turned.
    func panel(_ index: Int) -> Int {
        switch storage[index] {
        case .panels: min(Int(BW_PANEL), parameters[index].shape[1])
        case .turned: 0
        case .plain: max(parameters[index].shape.last ?? 1, 1)
        }
    }

    /// Writes a parameter, or a vector of an optimizer that goes with it, into the vector of all.
    func write(_ values: [Float], _ index: Int, to vector: UnsafeMutablePointer<Float>) {
        write(index, to: vector) { values[$0] }
    }

    /// Writes the numbers that `value` gives for each place of a parameter, in the order of its shape.
    func write(_ index: Int, to vector: UnsafeMutablePointer<Float>, _ value: (Int) -> Float) {
        let target = vector + offsets[index]
        forEachRun(index) { run, place, count in
            for step in 0..<count { target[place.first + step * place.stride] = value(run + step) }
        }
    }

    /// Reads a parameter, or a vector that goes with it, in the order of its shape.
    func read(_ index: Int, from vector: UnsafePointer<Float>) -> [Float] {
        let source = vector + offsets[index]
        var values = [Float](repeating: 0, count: parameters[index].count)
        forEachRun(index) { run, place, count in
            for step in 0..<count { values[run + step] = source[place.first + step * place.stride] }
        }
        return values
    }

    /// All parameters, or vectors that go with them, each in the order of its shape.
    func values(_ vector: UnsafePointer<Float>) -> [[Float]] { parameters.indices.map { read($0, from: vector) } }

    /// Runs of numbers that follow each other in the order of the shape, and where they are in memory.
    private func forEachRun(
        _ index: Int, _ body: (_ run: Int, _ place: (first: Int, stride: Int), _ count: Int) -> Void
    ) {
        let columns = max(parameters[index].shape.last ?? 1, 1)
        let rows = parameters[index].count / columns
        switch storage[index] {
        case .plain: body(0, (0, 1), parameters[index].count)
        case .turned: for row in 0..<rows { body(row * columns, (row, rows), columns) }
        case .panels:
            let panel = panel(index)
            for first in stride(from: 0, to: columns, by: panel) {
                let width = min(panel, columns - first)
                for row in 0..<rows { body(row * columns + first, (first * rows + row * width, 1), width) }
            }
        }
    }
}

/// How the numbers of a parameter lie in memory: in the order of its shape or, where only dense layers read it, in
/// panels (see `dense.h`) or turned (see `narrow.h`).
enum WeightStorage { case plain, panels, turned }

extension Graph {
    /// How each parameter lies in memory. Weights lie in panels or turned where only dense layers and their gradients
    /// read them.
    func weightStorages() -> [WeightStorage] {
        var isOfDenseLayers = [Bool](repeating: true, count: parameters.count)
        for node in nodes {
            for (position, input) in node.inputs.enumerated() {
                guard case .parameter(let index) = nodes[input].operation else { continue }
                if position != 1 || !node.operation.traits.takesDenseStorage { isOfDenseLayers[index] = false }
            }
        }
        for gradient in gradients
        where !gradient.reductions.allSatisfy({ nodes[$0].operation.traits.takesDenseStorage }) {
            isOfDenseLayers[gradient.parameter] = false
        }
        return zip(parameters, isOfDenseLayers).map { parameter, isOfDenseLayers in
            guard isOfDenseLayers, parameter.layout == .dense, parameter.shape.count == 2 else { return .plain }
            return parameter.shape[1] < BW_NARROW ? .turned : .panels
        }
    }
}

extension Parameter {
    /// Turns a parameter from this library's layout into that of files (and PyTorch).
    package func toFile(_ values: [Float]) -> (shape: [Int], values: [Float]) {
        let (shape, order) = filePlaces
        return (shape, order.map { values[$0] })
    }

    /// Turns a parameter from the layout of files into this library's.
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
