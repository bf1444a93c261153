// A network for handwritten digits: trained, tested and saved.
//
//     swift run -c release Digits

import Batchwise
import Foundation

struct Classifier: Layer {
    var width = 256
    var dropout: Float = 0
    var body: some Layer {
        Flatten()
        Dense(width)
        ReLU()
        if dropout > 0 { Dropout(dropout) }
        Dense(.classes).named("logits")
    }
}

let digits = Dataset.digits()
let recipe = Recipe(
    model: Classifier(), batch: Batch(size: 32), optimizer: .sgd(momentum: 0.9, nesterov: true),
    learningRate: LearningRate.constant(0.05).cosine(), epochs: 30, seed: 42)

var trainer = try Trainer(recipe, data: digits.train)
print(trainer.plan)
let model = try trainer.run { update in
    if update.endsEpoch && update.epoch.isMultiple(of: 5) { print("epoch \(update.epoch): loss \(update.loss)") }
    return .proceed
}
let accuracy = try model.evaluate(digits.test).accuracy ?? 0
let file = FileManager.default.temporaryDirectory.appending(path: "digits.safetensors").path
try model.save(file)
print("test accuracy \(accuracy), saved as \(file)")
if accuracy < 0.97 { exit(1) }
