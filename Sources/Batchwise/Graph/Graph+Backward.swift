extension Graph {
    /// Adds the loss, and the gradients of every trainable parameter, to a graph that ends in `prediction`.
    ///
    /// A transformation of the graph: nodes are visited from the loss back, each adding the operations that carry the
    /// gradient to its inputs. Nodes that no trainable parameter feeds are passed over, so the first layer's input
    /// never gets a gradient.
    package mutating func appendLoss(_ loss: Loss, targetWidth: Int, withGradients: Bool) {
        let target = append(.target, [], .batch(targetWidth == 0 ? [] : [targetWidth]), path: "loss")
        self.loss = append(.loss(loss), [prediction, target], .batch([2]), path: "loss")
        guard withGradients else { return }
        let share = append(.share, [], .batch([]), path: "loss")
        var backward = Backward(graph: self)
        backward.graph.append(
            .lossGradient(loss), [prediction, target, share], shape(prediction), path: "loss")
        backward.adjoints[prediction] = backward.graph.nodes.count - 1
        backward.run()
        self = backward.graph
    }

    @discardableResult
    mutating func append(_ operation: Operation, _ inputs: [Int], _ shape: Shape, path: String) -> Int {
        nodes.append(Node(operation: operation, inputs: inputs, shape: shape, path: path))
        return nodes.count - 1
    }
}

/// The state of one pass from the loss back to the parameters.
private struct Backward {
    var graph: Graph
    /// The gradient of the loss with respect to each node reached so far.
    var adjoints: [Int: Int] = [:]
    /// Whether a trainable parameter feeds the node.
    let isNeeded: [Bool]
    var reductions: [[Int]]
    private var path = ""

    init(graph: Graph) {
        self.graph = graph
        var needed = [Bool](repeating: false, count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            if case .parameter(let parameter) = node.operation {
                needed[index] = graph.parameters[parameter].isTrainable
            } else {
                needed[index] = node.inputs.contains { needed[$0] }
            }
        }
        isNeeded = needed
        reductions = Array(repeating: [], count: graph.parameters.count)
    }

    mutating func run() {
        for index in stride(from: graph.prediction, through: 0, by: -1) where isNeeded[index] {
            guard let slope = adjoints[index] else { continue }
            let node = graph.nodes[index]
            path = node.path
            spread(slope, through: node, at: index)
        }
        for (parameter, terms) in reductions.enumerated() where !terms.isEmpty {
            graph.gradients.append(.init(parameter: parameter, reductions: terms))
        }
    }

    private mutating func add(_ operation: Operation, _ inputs: [Int], _ shape: Shape) -> Int {
        graph.append(operation, inputs, shape, path: path)
    }

    /// Hands `slope` to `input`, on top of what it has already.
    private mutating func give(_ slope: Int, to input: Int) {
        if let earlier = adjoints[input] {
            adjoints[input] = add(.binary(.add), [earlier, slope], graph.shape(input))
        } else {
            adjoints[input] = slope
        }
    }

    /// Ends the batch: `operation` over `inputs` is part of the gradient of the parameter at `input`.
    private mutating func reduce(_ operation: Operation, _ inputs: [Int], to input: Int) {
        guard isNeeded[input], case .parameter(let parameter) = graph.nodes[input].operation else { return }
        reductions[parameter].append(add(operation, inputs, graph.shape(input)))
    }

    private mutating func spread(_ dy: Int, through node: Graph.Node, at index: Int) {
        let inputs = node.inputs
        func needs(_ position: Int) -> Bool { isNeeded[inputs[position]] }
        func shape(_ position: Int) -> Shape { graph.shape(inputs[position]) }

        switch node.operation {
        case .dense:
            if needs(0) { give(add(.denseInputGradient, [dy, inputs[1]], shape(0)), to: inputs[0]) }
            reduce(.denseWeightGradient, [inputs[0], dy], to: inputs[1])
            if inputs.count > 2 { reduce(.sumRows, [dy], to: inputs[2]) }
        case .convolution(let convolution):
            if needs(0) {
                // the gradient of padding is of no use to anybody: it is not computed where there is some
                var (input, border) = (inputs[0], (top: 0, left: 0))
                if case .pad(let pad) = graph.nodes[input].operation, pad.isBorder {
                    (input, border) = (graph.nodes[input].inputs[0], (pad.top, pad.left))
                }
                let (pad, flipped) = convolution.inputGradient(graph.shape(input), border)
                let padded = add(
                    .pad(pad), [dy], .batch([pad.outHeight, pad.outWidth, pad.channels]))
                give(add(.convolutionInputGradient(flipped), [padded, inputs[1]], graph.shape(input)), to: input)
            }
            reduce(.convolutionWeightGradient(convolution), [inputs[0], dy], to: inputs[1])
            if inputs.count > 2 { reduce(.sumRows, [dy], to: inputs[2]) }
        case .pad(let pad):
            let crop = PadShape(
                height: pad.outHeight, width: pad.outWidth, channels: pad.channels, outHeight: pad.height,
                outWidth: pad.width, top: -pad.top, left: -pad.left)
            give(add(.pad(crop), [dy], shape(0)), to: inputs[0])
        case .unary(.scale(let factor)):
            give(add(.unary(.scale(factor)), [dy], node.shape), to: inputs[0])
        case .unary(.offset):
            give(dy, to: inputs[0])
        case .unary(let unary):
            let reference = unary.slopeFromOutput ? index : inputs[0]
            give(add(.unaryGradient(unary), [reference, dy], node.shape), to: inputs[0])
        case .binary(let binary):
            spread(dy, throughBinary: binary, inputs, at: index)
        case .dropout:
            give(add(node.operation, [dy], node.shape), to: inputs[0])
        case .sumLast:
            give(add(.spreadLast, [dy], shape(0)), to: inputs[0])
        case .spreadLast:
            give(add(.sumLast, [dy], shape(0)), to: inputs[0])
        case .reshape:
            give(add(.reshape, [dy], shape(0)), to: inputs[0])
        case .maxPool(let pool):
            give(add(.maxPoolGradient(pool), [inputs[0], dy], shape(0)), to: inputs[0])
        case .averagePool(let pool):
            give(add(.averagePoolGradient(pool), [dy], shape(0)), to: inputs[0])
        case .normalise(let normalisation):
            give(add(.normaliseGradient(normalisation), [index, inputs[1], dy], shape(0)), to: inputs[0])
        case .runningNormalise(let epsilon):
            give(add(.runningNormaliseGradient(epsilon: epsilon), [dy, inputs[2]], shape(0)), to: inputs[0])
        case .embedding:
            reduce(.embeddingGradient, [inputs[0], dy], to: inputs[1])
        case .input, .sparseInput, .target, .share, .parameter, .pairRows, .moments, .loss, .lossGradient,
            .denseInputGradient,
            .convolutionInputGradient, .unaryGradient, .maxPoolGradient, .averagePoolGradient, .normaliseGradient,
            .runningNormaliseGradient,
            .denseWeightGradient, .convolutionWeightGradient, .embeddingGradient, .sumRows:
            break  // sources, and what only a backward pass adds; moments are part of `normalise`
        }
    }

    private mutating func spread(_ dy: Int, throughBinary binary: Binary, _ inputs: [Int], at index: Int) {
        let (a, b) = (inputs[0], inputs[1])
        let shape = graph.shape(a)
        if isNeeded[a] {
            switch binary {
            case .add, .subtract: give(dy, to: a)
            case .multiply: give(add(.binary(.multiply), [dy, b], shape), to: a)
            case .divide: give(add(.binary(.divide), [dy, b], shape), to: a)
            }
        }
        guard isNeeded[b] else { return }
        var slope = dy
        switch binary {
        case .add: break
        case .subtract: slope = add(.unary(.scale(-1)), [dy], shape)
        case .multiply: slope = add(.binary(.multiply), [dy, a], shape)
        case .divide:  // d(a / b) / db = -y / b
            let ratio = add(.binary(.multiply), [dy, index], shape)
            slope = add(.unary(.scale(-1)), [add(.binary(.divide), [ratio, b], shape)], shape)
        }
        if !graph.shape(b).hasBatch {
            reduce(.sumRows, [slope], to: b)
        } else if graph.shape(b) != shape {
            give(add(.sumLast, [slope], graph.shape(b)), to: b)
        } else {
            give(slope, to: b)
        }
    }
}

extension ConvolutionShape {
    /// dx = convolution(pad(dy), w flipped and transposed): the padding, and that convolution. `input` is the shape of x
    /// without its border, `border` what is above and left of it.
    fileprivate func inputGradient(
        _ input: Shape, _ border: (top: Int, left: Int)
    ) -> (pad: PadShape, flipped: ConvolutionShape) {
        let reachHeight = dilationHeight * (kernelHeight - 1)
        let reachWidth = dilationWidth * (kernelWidth - 1)
        let (height, width) = (input.lengths[0], input.lengths[1])
        let pad = PadShape(
            height: outHeight, width: outWidth, channels: outChannels, outHeight: height + reachHeight,
            outWidth: width + reachWidth, top: reachHeight - border.top, left: reachWidth - border.left,
            betweenRows: strideHeight - 1, betweenColumns: strideWidth - 1)
        let flipped = ConvolutionShape(
            inHeight: pad.outHeight, inWidth: pad.outWidth, inChannels: outChannels, outHeight: height,
            outWidth: width, outChannels: inChannels, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
            dilationHeight: dilationHeight, dilationWidth: dilationWidth, groups: groups)
        return (pad, flipped)
    }
}

extension PadShape {
    /// Whether it is zeros around an image, and nothing else.
    fileprivate var isBorder: Bool {
        top >= 0 && left >= 0 && betweenRows == 0 && betweenColumns == 0 && outHeight >= height + top
            && outWidth >= width + left
    }
}

extension Graph {
    /// Lets dense layers read sparse rows as they are, where nothing else reads the features.
    mutating func readSparseRows() {
        guard let input = nodes.firstIndex(where: { $0.operation == .input }), input != prediction else { return }
        for (index, node) in nodes.enumerated() {
            for (position, place) in node.inputs.enumerated() where place == input {
                let isProduct = nodes[index].operation == .dense || nodes[index].operation == .denseWeightGradient
                guard isProduct, position == 0, shape(input).count == 2 else { return }
            }
        }
        nodes[input].operation = .sparseInput
    }

    /// Makes the products of dense layers multiply bfloat16 numbers. Narrow layers and those that read sparse rows keep
    /// float32, and so do gradients of weights that are used in several places: their sums go example by example.
    mutating func multiplyInBFloat16() {
        precision = .bfloat16
        var paired: [Int: Int] = [:]
        for gradient in gradients where gradient.reductions.count == 1 && weightStorage(gradient.parameter) == .panels {
            let reduction = gradient.reductions[0]
            guard nodes[reduction].operation == .denseWeightGradient,
                nodes[nodes[reduction].inputs[0]].operation != .sparseInput
            else { continue }
            nodes[reduction].inputs = nodes[reduction].inputs.map { input in
                if let known = paired[input] { return known }
                paired[input] = append(.pairRows, [input], shape(input), path: nodes[reduction].path)
                return nodes.count - 1
            }
        }
    }
}
