import Batchwise
import Foundations

// `encode` writes the object of a line; `init(from:)` reads it.

extension RunEvent: Codable {
    /// Writes the JSON object of the event's line.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }

    private enum Key: String, CodingKey {
        case event, time, version, update, updates, epoch, batch, examples, loss, accuracy, rmse, seconds, stall, part,
            file
        case by, sample, variance, theta, asked, before, gain
        case noise, text, status, reason, batchwise, build, processor, cores, threads, plan, classes, notices, metrics
        case learningRate = "learning_rate"
        case gradientNorm = "gradient_norm"
        case updateRatio = "update_ratio"
        case gradientNormSquared = "gradient_norm_squared"
        case noiseScale = "noise_scale"
        case baseUpdates = "base_updates"
        case instructionSet = "instruction_set"
        case recipe = "recipe_sha256"
        case trainLoss = "train_loss"
        case trainAccuracy = "train_accuracy"
        case validationLoss = "validation_loss"
        case validationAccuracy = "validation_accuracy"
        case validationRMSE = "validation_rmse"
        case testLoss = "test_loss"
        case testAccuracy = "test_accuracy"
        case testRMSE = "test_rmse"
        case examplesPerSecond = "examples_per_second"
        case classCounts = "class_counts"
        case trained = "trained_examples"
    }

    /// Reads the JSON object of a line. Throws `DecodingError` where the object is no event, or of a kind that this
    /// version does not know.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: Key.self)
        func number(_ key: Key) throws -> Double { try keys.decode(Double.self, forKey: key) }
        func known(_ key: Key) throws -> Double? { try keys.decodeIfPresent(Double.self, forKey: key) }
        func int(_ key: Key) throws -> Int { try keys.decode(Int.self, forKey: key) }
        func text(_ key: Key) throws -> String { try keys.decode(String.self, forKey: key) }
        func host() throws -> Host {
            Host(
                batchwise: try text(.batchwise), build: try text(.build), instructionSet: try text(.instructionSet),
                processor: try text(.processor), cores: try int(.cores), threads: try int(.threads),
                plan: try keys.decode(RecipeValue.self, forKey: .plan))
        }
        func evaluation(_ loss: Key, _ accuracy: Key, _ rmse: Key) throws -> Evaluation? {
            guard let loss = try known(loss) else { return nil }
            // the number of examples stands in the `evaluation` event
            return Evaluation(examples: 0, loss: loss, accuracy: try known(accuracy), rmse: try known(rmse))
        }
        let time = try text(.time)
        switch try text(.event) {
        case "start":
            self = .start(
                Start(
                    time: time, version: try int(.version), host: try host(), recipe: try text(.recipe),
                    classes: try keys.decodeIfPresent([String].self, forKey: .classes),
                    notices: try keys.decode([String].self, forKey: .notices)))
        case "resume":
            self = .resume(
                Resume(
                    time: time, update: try int(.update), host: try host(),
                    notices: try keys.decode([String].self, forKey: .notices)))
        case "update":
            self = .update(
                Update(
                    time: time, update: try int(.update), epoch: try int(.epoch), batch: try int(.batch),
                    examples: try int(.examples), loss: try known(.loss), accuracy: try known(.accuracy),
                    learningRate: try number(.learningRate), gradientNorm: try known(.gradientNorm),
                    updateRatio: try known(.updateRatio), gain: try known(.gain),
                    baseUpdates: try known(.baseUpdates), seconds: try number(.seconds)))
        case "growth":
            self = .growth(
                Growth(
                    time: time,
                    decision: GrowthDecision(
                        by: try text(.by), update: try int(.update), epoch: try int(.epoch),
                        examples: try int(.examples), sample: try int(.sample), variance: try number(.variance),
                        gradientNormSquared: try number(.gradientNormSquared), noiseScale: try known(.noiseScale),
                        theta: try known(.theta), loss: try number(.loss), learningRate: try number(.learningRate),
                        asked: try known(.asked), before: try int(.before), batch: try int(.batch),
                        reason: try keys.decode(GrowthDecision.Reason.self, forKey: .reason))))
        case "epoch":
            self = .epoch(
                Epoch(
                    time: time, epoch: try int(.epoch), updates: try int(.updates), examples: try int(.examples),
                    trainLoss: try known(.trainLoss), trainAccuracy: try known(.trainAccuracy),
                    validation: try evaluation(.validationLoss, .validationAccuracy, .validationRMSE),
                    test: try evaluation(.testLoss, .testAccuracy, .testRMSE),
                    isClassification: keys.contains(.trainAccuracy), learningRate: try number(.learningRate),
                    batch: try int(.batch), seconds: try number(.seconds), stall: try known(.stall),
                    examplesPerSecond: try known(.examplesPerSecond), gradientNorm: try known(.gradientNorm),
                    updateRatio: try known(.updateRatio),
                    noise: try keys.decodeIfPresent(NoiseScale.Estimate.self, forKey: .noise),
                    gain: try known(.gain), baseUpdates: try known(.baseUpdates)))
        case "evaluation":
            let isClassification = try known(.accuracy) != nil
            self = .evaluation(
                Evaluated(
                    time: time, update: try int(.update), epoch: try int(.epoch),
                    part: try keys.decode(Evaluated.Part.self, forKey: .part),
                    result: Evaluation(
                        examples: try int(.examples), loss: try known(.loss) ?? .nan, accuracy: try known(.accuracy),
                        rmse: try known(.rmse),
                        classCounts: try keys.decodeIfPresent([Evaluation.ClassCount].self, forKey: .classCounts),
                        classification: isClassification
                            ? try keys.decodeIfPresent(ClassificationScores.self, forKey: .metrics) : nil,
                        regression: isClassification
                            ? nil : try keys.decodeIfPresent(RegressionScores.self, forKey: .metrics)),
                    trained: try keys.decodeIfPresent(Int.self, forKey: .trained), seconds: try known(.seconds)))
        case "checkpoint":
            self = .checkpoint(Saved(time: time, update: try int(.update), file: try text(.file)))
        case "notice":
            self = .notice(Notice(time: time, update: try int(.update), text: try text(.text)))
        case "end":
            self = .end(
                End(
                    time: time, update: try int(.update), status: try keys.decode(End.Status.self, forKey: .status),
                    reason: try keys.decodeIfPresent(String.self, forKey: .reason)))
        case let kind:
            throw DecodingError.dataCorruptedError(
                forKey: .event, in: keys, debugDescription: "\(kind) is no event of version \(RunEvent.version)")
        }
    }
}
