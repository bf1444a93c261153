import CKernels

/// A node that is being compiled for a number of examples: its shapes, and where its inputs and its result lie.
struct CompiledNode {
    let compiler: Compiler
    let index: Int
    let capacity: Int

    var graph: Graph { compiler.graph }
    var layout: ParameterLayout { compiler.layout }
    var node: Graph.Node { graph.nodes[index] }

    /// Floats of an example of the result, of its last axis, and how many such rows an example has.
    var size: Int { node.shape.elements }
    var width: Int { node.shape.width }
    var lead: Int { size / max(width, 1) }
    func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }

    /// The places in the arena where an input and the result begin.
    func x(_ position: Int) -> Int { tensor(node.inputs[position]).offset }
    var y: Int { tensor(index).offset }
    func tensor(_ node: Int) -> Program.Tensor { compiler.tensor(node, capacity) }

    /// The place in the vector of all parameters where an input that is a parameter begins.
    func parameter(_ position: Int) -> Int {
        guard case .parameter(let index) = graph.nodes[node.inputs[position]].operation else { return 0 }
        return layout.offsets[index]
    }
    func optionalParameter(_ position: Int) -> Int? { node.inputs.count > position ? parameter(position) : nil }

    /// The place of the flipped copy of an input that is a convolution's weight.
    func mirror(_ position: Int) -> Int {
        guard case .parameter(let index) = graph.nodes[node.inputs[position]].operation else { return 0 }
        return compiler.mirrors[index] ?? 0
    }

    /// The place, among the model's moments of the whole batch, of the moments at an input.
    func momentOffset(_ position: Int) -> Int { compiler.momentOffsets[node.inputs[position]] }

    /// The error for an operation that only the interpreter can compute.
    var noKernel: PlanError { .noKernel(at: node.path, operation: node.operation.words) }

    /// A reduction of the first input and, as dy, the last one.
    func reduction(_ kind: bw_reduction_kind) -> bw_reduction {
        var reduction = bw_reduction()
        reduction.kind = kind
        reduction.x = x(0)
        reduction.dy = x(node.inputs.count - 1)
        reduction.example_rows = 1
        return reduction
    }
}
