/// Where each parameter lies in the flat vector that holds them all.
package struct ParameterLayout: Sendable {
    package let parameters: [Parameter]
    package let offsets: [Int]
    package let count: Int

    package init(_ parameters: [Parameter]) {
        self.parameters = parameters
        var offsets: [Int] = []
        var next = 0
        for parameter in parameters {
            offsets.append(next)
            next += (parameter.count + 15) / 16 * 16
        }
        self.offsets = offsets
        count = next
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
