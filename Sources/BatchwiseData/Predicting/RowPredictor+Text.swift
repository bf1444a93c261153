import Batchwise

extension RowPredictor {
    /// The prediction of a text model for the character after this text, from its last characters, as many as the
    /// model's window.
    public func predictions(after text: String) throws(PredictionError) -> Predictions {
        let window = predictor.featureCount
        let ids = try ids(of: text)
        guard ids.count >= window else {
            throw .badText("the text has \(ids.count) characters and the model reads the last \(window): give it more")
        }
        return try predictions(features: ids.suffix(window))
    }

    /// Text that a model of characters writes behind a prompt: each character is drawn from the probabilities that the
    /// model gives after the characters before it.
    ///
    /// ```swift
    /// let writer = try RowPredictor(Model(contentsOf: "runs/plays/model.safetensors"))
    /// print(try writer.text(after: "ROMEO:", length: 200, temperature: 0.8, seed: 7))
    /// ```
    /// Character n is a function of the text before it, the temperature, the seed and n alone. A prompt that is shorter
    /// than the model's window stands behind line feeds, as many as are missing, or spaces where training had no line
    /// feed.
    ///
    /// - Parameters:
    ///   - prompt: the text to go on from, which may be empty.
    ///   - length: the number of characters to write.
    ///   - temperature: a divisor of the logits. At 0 the most likely character is always taken, at 1 characters are as
    ///     frequent as the model expects, and above that they are more even.
    ///   - seed: the seed of the random numbers.
    /// - Returns: the text without the prompt.
    /// - Throws: `PredictionError` where the model is not of text, or the prompt has a character that it does not know.
    public func text(
        after prompt: String, length: Int, temperature: Double = 0.8, seed: UInt64 = 42
    ) throws(PredictionError) -> String {
        let vocabulary = try vocabulary()
        let sampler = try TemperatureSampler(temperature: temperature, seed: seed)
        let window = predictor.featureCount
        let filler = vocabulary.firstIndex(of: "\n") ?? vocabulary.firstIndex(of: " ") ?? 0
        let ids = try ids(of: prompt).suffix(window)
        var last = [Float](repeating: Float(filler), count: window - ids.count) + ids
        var text = ""
        for number in 0..<max(0, length) {
            let outputs = try predictor.outputs(of: last)
            // of two classes the first may have no logit of its own
            let place = sampler.place(outputs.count == 1 ? [0] + outputs : outputs, number)
            text += vocabulary[place]
            last.removeFirst()
            last.append(Float(place))
        }
        return text
    }

    /// The characters of a text model, in the order of their ids.
    private func vocabulary() throws(PredictionError) -> [String] {
        guard case .characters(let vocabulary) = preprocessing.features else { throw otherKind }
        return vocabulary
    }

    private func ids(of text: String) throws(PredictionError) -> [Float] {
        let places = Dictionary(zip(try vocabulary(), 0...)) { first, _ in first }
        var ids: [Float] = []
        for (index, scalar) in text.unicodeScalars.enumerated() {
            guard let place = places[String(scalar)] else {
                let name = CharacterText.className(String(scalar))
                throw .badText(
                    "character \(index + 1) of the text is \(name), which training did not have: leave it out, or write "
                        + "another")
            }
            ids.append(Float(place))
        }
        return ids
    }
}
