extension LayerList {
    /// Whether two models are made of the same layers, with the same settings, names and freezing.
    ///
    /// The library's layers, and those of the program's own that recipes can name, are the same where a recipe would
    /// write the same; other layers where they have the same type and are equal, or, where that type is not
    /// `Equatable`, where their stored values print the same. A composite is its body.
    static func areEqual(_ one: any Layer, _ other: any Layer) -> Bool {
        if one is any LayerWrapper || other is any LayerWrapper {
            let (a, b) = (unwrapped(one), unwrapped(other))
            return a.modifiers == b.modifiers && areEqual(a.layer, b.layer)
        }
        if let a = list(one), let b = list(other) {
            return a.layers.count == b.layers.count && zip(a.layers, b.layers).allSatisfy { areEqual($0, $1) }
        }
        if let a = one as? Residual, let b = other as? Residual { return areEqual(a.layers, b.layers) }
        guard type(of: one) == type(of: other) else { return false }
        if let a = one as? any NotatedLayer, let b = other as? any NotatedLayer { return a.settings == b.settings }
        if let a = one as? any RecipeLayer, let b = other as? any RecipeLayer {
            return a.recipeSettings == b.recipeSettings
        }
        if let a = one as? any Equatable { return isEqual(a, other) }
        return String(reflecting: one) == String(reflecting: other)
    }

    /// A layer without its modifiers, and the modifiers in any order. Of two names the outer one counts.
    private static func unwrapped(_ layer: any Layer) -> (layer: any Layer, modifiers: [String: RecipeValue]) {
        var (layer, modifiers) = (layer, [String: RecipeValue]())
        while let wrapper = layer as? any LayerWrapper {
            modifiers[wrapper.entry.key] = modifiers[wrapper.entry.key] ?? wrapper.entry.value
            layer = wrapper.wrapped
        }
        return (layer, modifiers)
    }

    /// The layers of a list or composite; nil for any other layer.
    private static func list(_ layer: any Layer) -> LayerList? {
        if let list = layer as? LayerList { return list }
        if layer is any PrimitiveLayer || layer is any RecipeLayer || layer is any LayerWrapper { return nil }
        return LayerList(of: layer)
    }

    private static func isEqual<Value: Equatable>(_ one: Value, _ other: any Layer) -> Bool {
        (other as? Value) == one
    }
}
