import Foundations

/// A layer that recipes can name: `relu`, `{dense: 512}`, `{conv: {filters: 32, kernel: 3, padding: same}}`.
protocol NotatedLayer: Layer {
    /// The key in a layer list.
    static var notation: String { get }
    /// The setting that a bare value gives; nil where a bare value is not allowed.
    static var shorthand: String? { get }
    /// Reads the settings under the key. `layers` reads a nested layer list.
    init(from reader: inout RecipeReader) throws(RecipeError)
    /// The settings to write; an empty map for a layer without any.
    var settings: [RecipeValue.Entry] { get }
}

extension NotatedLayer {
    static var shorthand: String? { nil }
    var settings: [RecipeValue.Entry] { [] }
}

extension LayerList {
    /// Every layer that a recipe can name.
    static let catalog: [any NotatedLayer.Type] = [
        Dense.self, Conv2D.self, MaxPool2D.self, AveragePool2D.self, GlobalAveragePool2D.self, GlobalMaxPool2D.self,
        Flatten.self, ReLU.self, LeakyReLU.self, Tanh.self, Sigmoid.self, GELU.self, SiLU.self, Dropout.self,
        LayerNorm.self, GroupNorm.self, InstanceNorm.self, BatchNorm.self, Residual.self, Embedding.self,
    ]

    /// Reads a layer list of a recipe, or the name of a preset.
    package init(
        notation: RecipeValue, at path: String = "model", layers registry: LayerRegistry = LayerRegistry()
    ) throws(RecipeError) {
        switch notation {
        case .string(let name):
            self = try Self.preset(name, at: path)
        case .list(let items):
            guard !items.isEmpty else { throw .value(at: path, expected: "at least one layer", found: "an empty list") }
            var layers: [any Layer] = []
            for (index, item) in items.enumerated() {
                layers.append(try Self.layer(item, at: "\(path).\(index)", registry))
            }
            self.init(layers)
        default:
            throw .value(at: path, expected: "a list of layers or linear, mlp, cnn or text", found: notation.text)
        }
    }

    private static func preset(_ name: String, at path: String) throws(RecipeError) -> LayerList {
        switch name {
        case "linear":
            return LayerList {
                Flatten()
                Dense(.classes)
            }
        case "mlp":
            return LayerList {
                Flatten()
                Dense(128)
                ReLU()
                Dense(64)
                ReLU()
                Dense(.classes)
            }
        case "cnn":
            return LayerList {
                for filters in [32, 64] {
                    Conv2D(filters: filters, kernel: 3, padding: .same)
                    ReLU()
                    MaxPool2D(2)
                }
                Flatten()
                Dense(128)
                ReLU()
                Dense(.classes)
            }
        case "text":
            return LayerList {
                Embedding(vocabulary: .classes, width: 32)
                Flatten()
                Dense(256)
                ReLU()
                Dense(.classes)
            }
        default:
            let near = nearestName(to: name, in: ["linear", "mlp", "cnn", "text"])
            throw .value(
                at: path, expected: "linear, mlp, cnn, text or a list of layers",
                found: "\"\(name)\"" + (near.map { " (did you mean \($0)?)" } ?? ""))
        }
    }

    private static func layer(
        _ item: RecipeValue, at path: String, _ registry: LayerRegistry
    ) throws(RecipeError) -> any Layer {
        let name: String
        let value: RecipeValue
        switch item {
        case .string(let text): (name, value) = (text, .null)
        case .map(let entries) where entries.count == 1: (name, value) = (entries[0].key, entries[0].value)
        case .list: return try LayerList(notation: item, at: path, layers: registry)
        default:
            throw .value(at: path, expected: "a layer: a name, or one name and its settings", found: item.text)
        }
        guard var (layer, reader) = try registry.layer(named: name, value, at: "\(path).\(name)") else {
            let known = registry.names
            throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: known), known: known)
        }
        if try reader.bool("frozen") ?? false { layer = frozen(layer) }
        if let own = try reader.string("name") {
            guard !own.isEmpty, !own.contains("."), Int(own) == nil else {
                throw .value(
                    at: reader.at("name"), expected: "a name without dots that is not a number", found: "\"\(own)\"")
            }
            layer = named(layer, own)
        }
        try reader.finish()
        return layer
    }

    private static func frozen(_ layer: some Layer) -> any Layer { layer.frozen() }
    private static func named(_ layer: some Layer, _ name: String) -> any Layer { layer.named(name) }

    /// The name of a layer in messages: its name in recipes, or the name of its type.
    static func kind(of layer: any Layer) -> String {
        // the most frequent first, for a cast that fails searches all protocols of the program
        if let layer = layer as? any NotatedLayer { return type(of: layer).notation }
        if let wrapper = layer as? any LayerWrapper { return kind(of: wrapper.wrapped) }
        return (layer as? any RecipeLayer).map { type(of: $0).recipeName } ?? "\(type(of: layer))"
    }

    /// The notation of these layers in a recipe.
    package func notation() throws(RecipeError) -> RecipeValue {
        var items: [RecipeValue] = []
        for layer in layers { items.append(try Self.notation(of: layer)) }
        return .list(items)
    }

    private static func notation(of layer: any Layer) throws(RecipeError) -> RecipeValue {
        var extra: [RecipeValue.Entry] = []
        var inner = layer
        while let wrapper = inner as? any LayerWrapper {
            extra = [wrapper.entry] + extra
            inner = wrapper.wrapped
        }
        if let list = inner as? LayerList, extra.isEmpty { return try list.notation() }
        if let residual = inner as? Residual { _ = try residual.layers.notation() }
        if let layer = inner as? any RecipeLayer {
            let (name, settings) = (type(of: layer).recipeName, layer.recipeSettings + extra)
            return settings.isEmpty ? .string(name) : .map([.init(name, .map(settings))])
        }
        guard let notated = inner as? any NotatedLayer else {
            if !(inner is any PrimitiveLayer) && extra.isEmpty { return try notation(ofBodyOf: inner) }
            throw .notWritable("\(type(of: inner)) is a layer of the program's own: a recipe file cannot hold it")
        }
        let name = type(of: notated).notation
        let settings = notated.settings + extra
        if settings.isEmpty { return .string(name) }
        if settings.count == 1, settings[0].key == type(of: notated).shorthand {
            return .map([.init(name, settings[0].value)])
        }
        return .map([.init(name, .map(settings))])
    }

    private static func notation(ofBodyOf layer: some Layer) throws(RecipeError) -> RecipeValue {
        if let list = layer.body as? LayerList { return try list.notation() }
        return try notation(of: layer.body)
    }

    /// The layer list of any model: its body's, where it is a composite.
    package init(of model: some Layer) {
        if let list = model as? LayerList {
            self = list
        } else if model is any PrimitiveLayer {
            self.init([model])
        } else {
            self.init(of: model.body)
        }
    }
}

/// A modifier, seen from the notation.
protocol LayerWrapper {
    var entry: RecipeValue.Entry { get }
    var wrapped: any Layer { get }
}

extension NamedLayer: LayerWrapper {
    var entry: RecipeValue.Entry { .init("name", .string(name)) }
    var wrapped: any Layer { layer }
}

extension FrozenLayer: LayerWrapper {
    var entry: RecipeValue.Entry { .init("frozen", .bool(true)) }
    var wrapped: any Layer { layer }
}

extension RecipeValue {
    /// A Float as the shortest decimal that gives it back.
    static func decimal(_ value: Float) -> RecipeValue { .double(Double(value.description) ?? Double(value)) }
}
