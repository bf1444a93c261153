extension DataSource: Codable {
    /// Reads the data section of a recipe.
    public init(from decoder: any Decoder) throws {
        try self.init(notation: RecipeValue(from: decoder))
    }

    /// Writes the keys that are set.
    public func encode(to encoder: any Encoder) throws {
        try notation.encode(to: encoder)
    }
}
