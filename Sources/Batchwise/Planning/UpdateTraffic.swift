/// The numbers that the processes of several machines move in an update, counted without running it:
/// `Engine+Joining.swift` and `Engine+HandingOver.swift` move them.
///
/// Each layer goes the way that moves fewer bytes. Its rows are exchanged by an all-gather: each number has one owner and
/// reaches all other processes. Or its sums are handed over: each process adds its examples to sums that it receives from
/// the process before it, and the last gives the finished sums to their owners.
package struct UpdateTraffic: Sendable, Hashable {
    /// One layer, and the parameters whose gradients it has.
    package struct Layer: Sendable, Hashable {
        package let name: String
        /// The floats of the gradients of the layer.
        package var gradientFloats: Int
        var parameters: [Int] = []

        /// The bytes of its sums at one place of their order where one sum is under way; of its parameters, too.
        package var sumBytes: Int { 4 * gradientFloats }
    }

    /// A tensor that is read of an example after its backward pass.
    struct Tensor: Sendable, Hashable {
        /// The place in an arena, in floats an example.
        var place: Int
        var width: Int
        /// The layers whose gradients are computed from it.
        var readers: [Int] = []
        /// Whether losses or running statistics are computed from it.
        var isWatched = false
        /// Whether it holds features or targets, which every process has in memory.
        var isKnown = false
    }

    /// The numbers of one exchange.
    package enum Kind: String, Sendable, Hashable {
        case grainSums = "sums of grains"
        case rows
        case handedSums = "sums"
        case finishedSums = "finished sums"
        case gradient
        case directions
        case parameters
    }

    /// Exchanges of one kind in an update.
    package struct Exchange: Sendable, Hashable {
        package let kind: Kind
        /// The exchanges of this kind, and the bytes of them together: of all-gathers those that are owned, of sums those
        /// that are handed over.
        package let count, bytes: Int
    }

    package var layers: [Layer]
    var tensors: [Tensor]
    /// The largest magnitudes that each worker thread adds to its rows.
    package var guards = 0
    /// The order of sums.
    var order = SumOrder(grain: 1, lanes: 1)
    /// The examples of a unit that no division parts.
    var unit = 1
    /// The bytes of a grain's sums at each layer that normalises over the whole batch.
    package var grainSumBytes: [Int] = []
    /// The gradients of an update: two with sharpness-aware minimisation.
    package var gradients = 1
    /// The vectors over all parameters that processes exchange beside the parameters.
    package var vectors: [Kind] = []
    /// The bytes of finished sums that the last process sends to the owners of their slices; nil where pieces are not cut:
    /// then each process owns as many.
    var finishedBytes: Int?
    /// Whether an update needs all rows in every process, as for the norms of single examples' gradients.
    var needsAllRows = false

    init(layers: [Layer], tensors: [Tensor]) { (self.layers, self.tensors) = (layers, tensors) }

    /// One layer with so many parameters and numbers of an example.
    package init(name: String, rowFloats: Int, gradientFloats: Int) {
        layers = [Layer(name: name, gradientFloats: gradientFloats)]
        tensors = [Tensor(place: 0, width: rowFloats, readers: [0])]
    }

    /// Puts one layer in the place of all.
    package mutating func replaceLayers(rowFloats: Int, gradientFloats: Int) {
        let one = UpdateTraffic(name: "model", rowFloats: rowFloats, gradientFloats: gradientFloats)
        (layers, tensors) = (one.layers, one.tensors)
    }

    // MARK: An update

    /// The bytes of all gradients, and of the parameters that follow from them.
    package var gradientBytes: Int { layers.reduce(0) { $0 + $1.sumBytes } }

    /// The exchanges of an update of `batch` examples, where the sums of some layers are handed over.
    func exchanges(batch: Int, _ division: WorkDivision, handed: [Bool]) -> [Exchange] {
        var list: [Exchange] = []
        let rounds = division.rounds(rows: batch)
        if !grainSumBytes.isEmpty {
            let grains = (batch + order.grain - 1) / order.grain
            list.append(
                Exchange(
                    kind: .grainSums, count: gradients * grainSumBytes.count,
                    bytes: gradients * grains * grainSumBytes.reduce(0, +)))
        }
        let rows = 4 * (batch * exchangedFloats(handed) + rounds * division.workers * guards)
        list.append(Exchange(kind: .rows, count: gradients * rounds, bytes: gradients * rows))
        if handed.contains(true) {
            let sums = sumsUnderWay(division, batch: batch).reduce(0, +)
            list.append(
                Exchange(
                    kind: .handedSums, count: gradients * rounds, bytes: gradients * sums * handedBytes(handed)))
            let ranks = division.workers / division.own.count
            let finished = finishedBytes ?? handedBytes(handed) * (ranks - 1) / ranks
            list.append(Exchange(kind: .finishedSums, count: gradients, bytes: gradients * finished))
        }
        for kind in [Kind.gradient, .directions] {
            let count = vectors.count { $0 == kind }
            if count > 0 { list.append(Exchange(kind: kind, count: count, bytes: count * gradientBytes)) }
        }
        let copies = 1 + vectors.count { $0 == .parameters }
        list.append(Exchange(kind: .parameters, count: copies, bytes: copies * gradientBytes))
        return list
    }

    /// The exchanges of an update by so many processes of one thread, each on a machine of its own.
    package func exchanges(batch: Int, processes: Int) -> [Exchange] {
        let units = (batch + unit * processes - 1) / (unit * processes)
        let division = WorkDivision(
            workers: processes, microBatch: units * unit, unit: unit, rank: 0, ranks: processes)
        return exchanges(batch: batch, division, handed: handedLayers(batch: batch, division))
    }

    /// The bytes of the sums of the layers that are handed over.
    func handedBytes(_ handed: [Bool]) -> Int { zip(layers, handed).reduce(0) { $0 + ($1.1 ? $1.0.sumBytes : 0) } }

    /// The bytes of an example's rows that its process gives to all others.
    func rowBytes(_ handed: [Bool]) -> Int { 4 * exchangedFloats(handed) }
}
