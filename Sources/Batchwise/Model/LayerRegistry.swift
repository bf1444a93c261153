import Foundations

/// A layer of the program's own that recipes can name, once it is in a ``LayerRegistry``.
///
/// ```swift
/// /// x * scale, the same number everywhere.
/// struct Scale: PrimitiveLayer, RecipeLayer {
///     var scale: Float
///
///     static var recipeName: String { "scale" }
///     var recipeSettings: [RecipeValue.Entry] { [.init("by", .double(Double(scale)))] }
///     init(settings: inout RecipeReader) throws(RecipeError) {
///         scale = Float(try settings.double("by", "a number") ?? 1)
///     }
///
///     func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { scale * x }
/// }
/// let layers = try LayerRegistry(Scale.self)
/// let recipe = try Recipe(yaml: "model: [{scale: {by: 2}}, {dense: classes}]", layers: layers)
/// ```
/// The keys `name` and `frozen` are every layer's, and read by the library.
public protocol RecipeLayer: Layer {
    /// The key of the layer in a layer list, such as `dense`. It must not be the name of a layer of the library.
    static var recipeName: String { get }
    /// Reads the settings under the key; a key that is not asked for is refused afterwards.
    init(settings: inout RecipeReader) throws(RecipeError)
    /// The settings as `init(settings:)` reads them; none by default.
    var recipeSettings: [RecipeValue.Entry] { get }
}

extension RecipeLayer {
    /// No settings by default.
    public var recipeSettings: [RecipeValue.Entry] { [] }
}

/// The layers that recipes can name: the library's, and those that a program adds.
///
/// It is a value that is passed to the function that reads a recipe; nothing is registered anywhere else.
public struct LayerRegistry: Sendable {
    private var own: [any RecipeLayer.Type] = []

    /// The library's layers alone.
    public init() {}

    /// The library's layers and these. Throws where ``register(_:)`` would.
    public init(_ types: any RecipeLayer.Type...) throws(RecipeError) {
        for type in types { try register(type) }
    }

    /// The library's layers and those of the program's own that a model is made of.
    init(of model: some Layer) {
        let found = LayerList(of: model).layersWithin.compactMap { ($0 as? any RecipeLayer).map { type(of: $0) } }
        for type in found where !own.contains(where: { ObjectIdentifier($0) == ObjectIdentifier(type) }) {
            own.append(type)
        }
    }

    /// Adds a layer. Throws `RecipeError` where its name is taken or no name.
    public mutating func register(_ type: any RecipeLayer.Type) throws(RecipeError) {
        let name = type.recipeName
        guard !name.isEmpty, !names.contains(name) else {
            throw .value(at: "layers", expected: "a name that no other layer has", found: "\"\(name)\" of \(type)")
        }
        own.append(type)
    }

    /// The names of all layers.
    var names: [String] { LayerList.catalog.map { $0.notation } + own.map { $0.recipeName } }

    /// Reads a layer by its name: nil where there is none of that name.
    func layer(named name: String, _ value: RecipeValue, at path: String) throws(RecipeError) -> (
        layer: any Layer, reader: RecipeReader
    )? {
        if let type = LayerList.catalog.first(where: { $0.notation == name }) {
            var reader = try RecipeReader(value, at: path, shorthand: type.shorthand, layers: self)
            return (try type.init(from: &reader), reader)
        }
        guard let type = own.first(where: { $0.recipeName == name }) else { return nil }
        var reader = try RecipeReader(value, at: path, layers: self)
        return (try type.init(settings: &reader), reader)
    }
}

extension LayerList {
    /// Every layer in these, those within others among them, without their modifiers.
    var layersWithin: [any Layer] { layers.flatMap { Self.layersWithin($0) } }

    private static func layersWithin(_ layer: any Layer) -> [any Layer] {
        if let wrapper = layer as? any LayerWrapper { return layersWithin(wrapper.wrapped) }
        if let list = layer as? LayerList { return list.layersWithin }
        if let residual = layer as? Residual { return [residual] + residual.layers.layersWithin }
        if layer is any PrimitiveLayer || layer is any RecipeLayer { return [layer] }
        return LayerList(of: layer).layersWithin
    }
}
