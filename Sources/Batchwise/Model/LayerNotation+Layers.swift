// The notation of each layer of the library in a recipe.

extension Dense: NotatedLayer {
    static let notation = "dense"
    static let shorthand: String? = "units"

    init(from reader: inout RecipeReader) throws(RecipeError) {
        let units: Units
        switch reader.value("units") {
        case .int(let count) where count >= 1: units = .count(count)
        case .string("classes"), .string("outputs"): units = .classes
        case nil: throw reader.missing("units", "a whole number of at least 1, or classes")
        case let other?:
            throw .value(
                at: reader.at("units"), expected: "a whole number of at least 1, or classes", found: other.text)
        }
        self.init(
            units, bias: try reader.bool("bias") ?? true,
            initialisation: try reader.choice("initialisation", WeightInitialisation.self))
    }

    var settings: [RecipeValue.Entry] {
        var entries: [RecipeValue.Entry] = []
        switch units {
        case .count(let count): entries.append(.init("units", .int(count)))
        case .classes: entries.append(.init("units", .string("classes")))
        }
        if !bias { entries.append(.init("bias", .bool(false))) }
        if let initialisation { entries.append(.init("initialisation", .string(initialisation.rawValue))) }
        return entries
    }
}

extension Conv2D: NotatedLayer {
    static let notation = "conv"

    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let filters = try reader.int("filters") else {
            throw reader.missing("filters", "the number of output channels")
        }
        guard let kernel = try reader.int("kernel") else {
            throw reader.missing("kernel", "the window's size in pixels")
        }
        let padding: Padding
        switch reader.value("padding") {
        case nil, .string("valid"): padding = .valid
        case .string("same"): padding = .same
        case .int(let pixels) where pixels >= 0: padding = .pixels(pixels)
        case let other:
            throw .value(
                at: reader.at("padding"), expected: "same, valid or a number of pixels", found: other?.text ?? "nothing"
            )
        }
        self.init(
            filters: filters, kernel: kernel, stride: try reader.int("stride") ?? 1, padding: padding,
            dilation: try reader.int("dilation") ?? 1, groups: try reader.int("groups") ?? 1,
            bias: try reader.bool("bias") ?? true,
            initialisation: try reader.choice("initialisation", WeightInitialisation.self) ?? .he)
    }

    var settings: [RecipeValue.Entry] {
        var entries: [RecipeValue.Entry] = [.init("filters", .int(filters)), .init("kernel", .int(kernel))]
        if stride != 1 { entries.append(.init("stride", .int(stride))) }
        switch padding {
        case .valid: break
        case .same: entries.append(.init("padding", .string("same")))
        case .pixels(let pixels): entries.append(.init("padding", .int(pixels)))
        }
        if dilation != 1 { entries.append(.init("dilation", .int(dilation))) }
        if groups != 1 { entries.append(.init("groups", .int(groups))) }
        if !bias { entries.append(.init("bias", .bool(false))) }
        if initialisation != .he { entries.append(.init("initialisation", .string(initialisation.rawValue))) }
        return entries
    }
}

extension MaxPool2D: NotatedLayer {
    static let notation = "max-pool"
    static let shorthand: String? = "size"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        let (size, stride) = try reader.window()
        self.init(size, stride: stride)
    }
    var settings: [RecipeValue.Entry] { windowSettings(size, stride) }
}

extension AveragePool2D: NotatedLayer {
    static let notation = "average-pool"
    static let shorthand: String? = "size"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        let (size, stride) = try reader.window()
        self.init(size, stride: stride)
    }
    var settings: [RecipeValue.Entry] { windowSettings(size, stride) }
}

extension RecipeReader {
    fileprivate mutating func window() throws(RecipeError) -> (size: Int, stride: Int?) {
        guard let size = try int("size") else {
            throw missing("size", "the window's size in pixels")
        }
        return (size, try int("stride"))
    }
}
private func windowSettings(_ size: Int, _ stride: Int) -> [RecipeValue.Entry] {
    [.init("size", .int(size))] + (stride == size ? [] : [.init("stride", .int(stride))])
}

extension GlobalAveragePool2D: NotatedLayer {
    static let notation = "global-average-pool"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
extension GlobalMaxPool2D: NotatedLayer {
    static let notation = "global-max-pool"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
extension Flatten: NotatedLayer {
    static let notation = "flatten"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
extension ReLU: NotatedLayer {
    static let notation = "relu"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
extension Tanh: NotatedLayer {
    static let notation = "tanh"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
extension Sigmoid: NotatedLayer {
    static let notation = "sigmoid"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
extension GELU: NotatedLayer {
    static let notation = "gelu"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
extension SiLU: NotatedLayer {
    static let notation = "silu"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}

extension LeakyReLU: NotatedLayer {
    static let notation = "leaky-relu"
    static let shorthand: String? = "slope"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        self.init(Float(try reader.double("slope") ?? 0.01))
    }
    var settings: [RecipeValue.Entry] { [.init("slope", .decimal(slope))] }
}

extension Dropout: NotatedLayer {
    static let notation = "dropout"
    static let shorthand: String? = "rate"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let rate = try reader.double("rate", "a rate of at least 0 and less than 1", where: { $0 >= 0 && $0 < 1 })
        else { throw reader.missing("rate", "a rate of at least 0 and less than 1") }
        self.init(Float(rate))
    }
    var settings: [RecipeValue.Entry] { [.init("rate", .decimal(rate))] }
}

extension LayerNorm: NotatedLayer {
    static let notation = "layer-norm"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init(epsilon: try reader.epsilon()) }
    var settings: [RecipeValue.Entry] { epsilonSettings(epsilon) }
}

extension GroupNorm: NotatedLayer {
    static let notation = "group-norm"
    static let shorthand: String? = "groups"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let groups = try reader.int("groups") else {
            throw reader.missing("groups", "the number of groups of channels")
        }
        self.init(groups: groups, epsilon: try reader.epsilon())
    }
    var settings: [RecipeValue.Entry] { [.init("groups", .int(groups))] + epsilonSettings(epsilon) }
}

extension InstanceNorm: NotatedLayer {
    static let notation = "instance-norm"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init(epsilon: try reader.epsilon()) }
    var settings: [RecipeValue.Entry] { epsilonSettings(epsilon) }
}

extension BatchNorm: NotatedLayer {
    static let notation = "batch-norm"
    static let shorthand: String? = "ghost"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        let group: Group
        switch reader.value("ghost") {
        case .string("batch"): group = .batch
        case .int(let size) where size >= 2: group = .ghost(size)
        case let value?:
            throw .value(
                at: reader.at("ghost"), expected: "batch, or a number of examples of at least 2", found: value.text)
        case nil:
            throw reader.missing(
                "ghost",
                "the number of examples whose statistics are taken together, for example {batch-norm: {ghost: 32}}, "
                    + "or {batch-norm: batch} for all examples of an update")
        }
        self.init(
            over: group,
            momentum: Float(
                try reader.double("momentum", "a number from 0 to 1", where: { (0...1).contains($0) }) ?? 0.1),
            epsilon: try reader.epsilon())
    }
    var settings: [RecipeValue.Entry] {
        let ghost: RecipeValue = if case .ghost(let size) = group { .int(size) } else { .string("batch") }
        return [.init("ghost", ghost)] + (momentum == 0.1 ? [] : [.init("momentum", .decimal(momentum))])
            + epsilonSettings(epsilon)
    }
}

extension RecipeReader {
    fileprivate mutating func epsilon() throws(RecipeError) -> Float {
        Float(try double("epsilon", "a number above 0", where: { $0 > 0 }) ?? 1e-5)
    }
}
private func epsilonSettings(_ epsilon: Float) -> [RecipeValue.Entry] {
    epsilon == 1e-5 ? [] : [.init("epsilon", .decimal(epsilon))]
}

extension Residual: NotatedLayer {
    static let notation = "residual"
    static let shorthand: String? = "layers"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let value = reader.value("layers") else {
            throw reader.missing("layers", "a list of layers")
        }
        self.init(try LayerList(notation: value, at: reader.path, layers: reader.layers))
    }
    var settings: [RecipeValue.Entry] {
        // a branch that no recipe can hold has been refused before this is asked for
        [.init("layers", (try? layers.notation()) ?? .null)]
    }
}

extension Embedding: NotatedLayer {
    static let notation = "embedding"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let vocabulary = try reader.int("vocabulary", in: 1...(1 << 24)) else {
            throw reader.missing("vocabulary", "the number of ids")
        }
        guard let width = try reader.int("width") else {
            throw reader.missing("width", "the length of each vector")
        }
        self.init(vocabulary: vocabulary, width: width)
    }
    var settings: [RecipeValue.Entry] { [.init("vocabulary", .int(vocabulary)), .init("width", .int(width))] }
}

extension RecipeValue {
    /// A Float as the shortest decimal that gives it back.
    static func decimal(_ value: Float) -> RecipeValue { .double(Double(value.description) ?? Double(value)) }
}
