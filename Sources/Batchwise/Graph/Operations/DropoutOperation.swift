import CKernels

/// Inverted dropout: each element is 0 with probability `rate`, and 1 / (1 - rate) times as large otherwise.
///
/// A linear function with a mask that its key fixes: dy goes back through the same mask.
struct DropoutTraits: OperationTraits {
    let rate: Float
    let stream: Int

    var ownership: Ownership { .replaces(0) }

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        backward.accumulate(
            backward.add(.dropout(rate: rate, stream: stream), [dy]), into: backward.inputs(of: node)[0])
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.dropout(rate: rate, stream: stream), of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (x, batch) = (inputs[0], inputs.batch)
        let width = x.count / batch.examples.count
        let key = DropoutHash.mix(batch.dropoutKey ^ UInt64(stream))
        let scale = 1 / (1 - Scalar(rate))
        return x.indices.map { index in
            let hash = DropoutHash.bits(key: key, example: batch.examples[index / width], element: index % width)
            // A uniform 32-bit number is below rate * 2^32 with probability rate.
            return Double(hash) < (Double(rate) * 0x1p32).rounded(.down) ? 0 : x[index] * scale
        }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_DROPOUT, x: node.x(0), y: node.y, width: node.size, constant: rate, stream: stream)
    }
}

/// The random bits of dropout, a pure function of the layer's key, the example's number and the element's.
enum DropoutHash {
    /// SplitMix64: one step from `state`, and its finaliser.
    static func mix(_ state: UInt64) -> UInt64 {
        var z = state &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    static func bits(key: UInt64, example: UInt64, element: Int) -> UInt32 {
        let row = mix(key ^ mix(example))
        let low = UInt32(truncatingIfNeeded: row)
        let high = UInt32(truncatingIfNeeded: row >> 32)
        return mix(mix(UInt32(truncatingIfNeeded: element) &* 0x9E37_79B1 &+ low) ^ high)
    }

    private static func mix(_ word: UInt32) -> UInt32 {
        var h = word
        h = (h ^ (h >> 16)) &* 0x7FEB_352D
        h = (h ^ (h >> 15)) &* 0x846C_A68B
        return h ^ (h >> 16)
    }
}
