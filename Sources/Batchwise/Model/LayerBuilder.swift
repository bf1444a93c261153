/// Collects the layers of a `body`. Types are erased here, once; `if`, `for` and optionals keep every layer.
@resultBuilder
public enum LayerBuilder {
    public static func buildExpression(_ layer: some Layer) -> LayerList {
        layer as? LayerList ?? LayerList([layer])
    }
    public static func buildExpression(_ layer: any Layer) -> LayerList {
        layer as? LayerList ?? LayerList([layer])
    }
    public static func buildBlock(_ parts: LayerList...) -> LayerList {
        LayerList(parts.flatMap(\.layers))
    }
    public static func buildOptional(_ part: LayerList?) -> LayerList {
        part ?? LayerList([])
    }
    public static func buildEither(first: LayerList) -> LayerList { first }
    public static func buildEither(second: LayerList) -> LayerList { second }
    public static func buildArray(_ parts: [LayerList]) -> LayerList {
        LayerList(parts.flatMap(\.layers))
    }
    public static func buildLimitedAvailability(_ part: LayerList) -> LayerList { part }
}
