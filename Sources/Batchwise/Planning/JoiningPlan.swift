import CKernels

/// The way in which processes come to the gradient of each layer: see `UpdateTraffic`.
struct JoiningPlan: Sendable {
    /// The tensors whose rows every process receives in a round when its passes are done, and those that it receives only
    /// where an update needs all rows.
    let exchanged, kept: [Program.Tensor]
    /// The tensors whose rows are on their way before, while passes go on.
    let early: [Stage]
    /// The layers whose sums are handed over from process to process, and their parameters.
    let handed: [Bool]
    let isHanded: [Bool]
    /// Whether processes gather the features of others' examples from their own memory, and the targets.
    let knowsFeatures, knowsTargets: Bool
    /// Whether some layer whose rows are exchanged reads the features.
    let readsFeatures: Bool
    let traffic: UpdateTraffic

    /// Instructions after which some tensors are as they stay.
    struct Stage: Sendable, Hashable {
        var end: Int
        var tensors: [Program.Tensor]
    }
    /// The bytes of a process's rows that are worth an exchange of their own.
    private static let worthwhile = 1 << 17

    /// Decides the ways for a batch of `rows` examples. On one machine every process reads the rows of all others.
    init(
        _ traffic: UpdateTraffic, _ program: Program, _ layout: ParameterLayout, _ division: WorkDivision, rows: Int,
        machines: Int
    ) {
        let hasMessages = machines > 1
        let handed =
            hasMessages
            ? traffic.handedLayers(batch: rows, division) : Array(repeating: false, count: traffic.layers.count)
        var isHanded = Array(repeating: false, count: layout.parameters.count)
        for (layer, isOver) in zip(traffic.layers, handed) {
            for parameter in layer.parameters { isHanded[parameter] = isOver }
        }
        let scale = (program.capacity + 15) / 16 * 16
        func tensors(_ isIncluded: (UpdateTraffic.Tensor) -> Bool) -> [Program.Tensor] {
            traffic.tensors.filter(isIncluded).map { .init(offset: $0.place * scale, width: $0.width) }
                .sorted { $0.offset < $1.offset }
        }
        func knows(_ tensor: Program.Tensor?) -> UpdateTraffic.Tensor? {
            tensor.flatMap { known in traffic.tensors.first { $0.isKnown && $0.place * scale == known.offset } }
        }
        let all = tensors { hasMessages ? traffic.isExchanged($0, handed) : true }
        early = hasMessages ? Self.stages(traffic, handed, program, all, division) : []
        let sent = Set(early.flatMap(\.tensors))
        exchanged = all.filter { !sent.contains($0) }
        kept = tensors { hasMessages && !$0.isKnown && !traffic.isExchanged($0, handed) }
        knowsFeatures = hasMessages && knows(program.input) != nil
        readsFeatures = knows(program.input)?.readers.contains { !handed[$0] } ?? false
        knowsTargets = hasMessages && knows(program.target) != nil
        self.handed = handed
        self.isHanded = isHanded
        self.traffic = traffic
    }

    /// The stages of the passes: after each, as many bytes are ready as are worth it. A model whose passes stop for sums
    /// of the whole batch has none.
    private static func stages(
        _ traffic: UpdateTraffic, _ handed: [Bool], _ program: Program, _ exchanged: [Program.Tensor],
        _ division: WorkDivision
    ) -> [Stage] {
        guard program.couplings.isEmpty else { return [] }
        let scale = (program.capacity + 15) / 16 * 16
        let watched = Set(traffic.tensors.filter(\.isWatched).map { $0.place * scale })
        var ready: [Int: [Program.Tensor]] = [:]
        for tensor in exchanged where !watched.contains(tensor.offset) {
            let region = tensor.offset / scale..<tensor.offset / scale + tensor.width
            guard let last = program.written.lastIndex(where: { $0.contains { $0.overlaps(region) } }) else { continue }
            ready[last + 1, default: []].append(tensor)
        }
        var (stages, gathered) = ([Stage](), [Program.Tensor]())
        for end in ready.keys.sorted() where end < program.instructions.count {
            gathered += ready[end] ?? []
            let bytes = gathered.reduce(0) { $0 + 4 * $1.width * division.microBatch * division.own.count }
            guard bytes >= worthwhile else { continue }
            stages.append(Stage(end: end, tensors: gathered))
            gathered = []
        }
        return stages
    }
}
