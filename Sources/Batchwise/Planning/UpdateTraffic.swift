/// The bytes that the processes of several machines exchange in an update, counted without running it:
/// `Engine+Joining.swift` exchanges them.
///
/// Every exchange is an all-gather: each number has one owner and reaches all other processes. So the bytes below are
/// those of the parts of all owners together, and a process receives all of them but its own.
package struct UpdateTraffic: Sendable, Hashable {
    /// One layer: its gradients, and the rows that they are computed from.
    package struct Layer: Sendable, Hashable {
        package let name: String
        /// The floats of an example that the gradients of the layer are computed from, without those that an earlier
        /// layer of the list has exchanged; of the loss, those that losses are added up from.
        package var rowFloats: Int
        /// The floats of the gradients of the layer.
        package var gradientFloats: Int

        package init(name: String, rowFloats: Int, gradientFloats: Int) {
            (self.name, self.rowFloats, self.gradientFloats) = (name, rowFloats, gradientFloats)
        }

        /// The bytes of the rows of a batch: way (a), which the engine takes.
        package func rowBytes(batch: Int) -> Int { 4 * batch * rowFloats }
        /// The bytes of the sums of the layer: way (b), where each process adds its examples to sums that the process
        /// before it hands over, or sends a gradient of its own. They go from process to process as often as rows do,
        /// once to each but the first.
        package var sumBytes: Int { 4 * gradientFloats }
        /// Whether sums would be fewer bytes than rows.
        package func hasFewerSums(batch: Int) -> Bool { gradientFloats > 0 && sumBytes < rowBytes(batch: batch) }
    }

    /// The numbers of one all-gather.
    package enum Kind: String, Sendable, Hashable {
        case grainSums = "sums of grains"
        case rows
        case gradient
        case directions
        case parameters
    }

    /// All-gathers of one kind in an update.
    package struct Exchange: Sendable, Hashable {
        package let kind: Kind
        /// The all-gathers of this kind, and the bytes of them together.
        package let count, bytes: Int
    }

    package var layers: [Layer]
    /// The largest magnitudes that each worker thread adds to its rows.
    package var guards = 0
    /// The examples of a grain, and the bytes of a grain's sums at each layer that normalises over the whole batch.
    package var grain = 1
    package var grainSumBytes: [Int] = []
    /// The gradients of an update: two with sharpness-aware minimisation.
    package var gradients = 1
    /// The vectors over all parameters that processes exchange beside the parameters.
    package var vectors: [Kind] = []

    package init(layers: [Layer]) { self.layers = layers }

    /// The floats of an example's rows.
    package var rowFloats: Int { layers.reduce(0) { $0 + $1.rowFloats } }
    /// The bytes of all gradients, and of the parameters that follow from them.
    package var gradientBytes: Int { layers.reduce(0) { $0 + $1.sumBytes } }

    /// The exchanges of an update of `batch` examples by `workers` threads of all processes, in as many rounds of
    /// micro-batches.
    package func exchanges(batch: Int, workers: Int, rounds: Int = 1) -> [Exchange] {
        var list: [Exchange] = []
        if !grainSumBytes.isEmpty {
            let grains = (batch + grain - 1) / grain
            list.append(
                Exchange(
                    kind: .grainSums, count: gradients * grainSumBytes.count,
                    bytes: gradients * grains * grainSumBytes.reduce(0, +)))
        }
        let rows = 4 * (batch * rowFloats + rounds * workers * guards)
        list.append(Exchange(kind: .rows, count: gradients * rounds, bytes: gradients * rows))
        for kind in [Kind.gradient, .directions] {
            let count = vectors.count { $0 == kind }
            if count > 0 { list.append(Exchange(kind: kind, count: count, bytes: count * gradientBytes)) }
        }
        let copies = 1 + vectors.count { $0 == .parameters }
        list.append(Exchange(kind: .parameters, count: copies, bytes: copies * gradientBytes))
        return list
    }
}
