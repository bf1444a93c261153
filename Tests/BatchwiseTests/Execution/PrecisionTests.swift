import CKernels
import Testing

@testable import Batchwise

extension ProcessorTests {
    /// Tests of instruction sets and precisions: results must not depend on the instruction set, and bfloat16 must work
    /// where the processor has it.
    @Suite struct PrecisionTests {
        /// The baseline, AVX2 and AVX-512 kernels compute the same bits.
        @Test func everyInstructionSetGivesTheSameBits() throws {
            let best = bw_best_instruction_set()
            defer { _ = bw_use_instruction_set(best) }
            let data = try SmallData.classes(70, shape: [8, 8, 3])
            let recipe = Recipe(
                model: layers(
                    Conv2D(filters: 20, kernel: 3, padding: .same), BatchNorm(ghost: 16), GELU(), MaxPool2D(2),
                    Dropout(0.3),
                    Dense(33), LayerNorm(), Tanh(), Dense(.classes)),
                batch: Batch(size: 32), optimizer: .adamW(), epochs: 2)
            var fingerprints: Set<String> = []
            for set in [BW_BASELINE, BW_AVX2, BW_AVX512] where bw_use_instruction_set(set) == 0 {
                fingerprints.insert(try Trainer.fingerprint(recipe, data, Machine(threads: 1)))
            }
            #expect(fingerprints.count == 1)
        }

        static var hasBFloat16: Bool { bw_has_bfloat16() != 0 }
        static let model = layers(
            Dense(200), GELU(), Dropout(0.2), Dense(70), ReLU(), Dense(130), Tanh(),
            Dense(.classes, initialisation: .lecun))

        /// Whole numbers of a few bits, and a batch of a power of two: nothing is rounded, so that both precisions agree to
        /// the last bit, whatever the pairs.
        @Test(.enabled(if: hasBFloat16), arguments: [8, 64], [1, 4, 128])
        func exactNumbersGiveExactGradients(batch: Int, outputs: Int) throws {
            var numbers = TestNumbers("exact \(batch) \(outputs)")
            func whole(_ count: Int) -> [Float] { (0..<count).map { _ in Float(numbers.below(17)) - 8 } }
            let data = try Dataset(
                features: whole(batch * 90), shape: [90], values: whole(batch * outputs), width: outputs, mean: 0,
                deviation: 1)
            func gradients(_ precision: Precision, _ threads: Int) throws -> NamedGradients {
                let recipe = Recipe(
                    model: layers(Dense(.classes)), batch: Batch(size: batch), seed: 2, precision: precision)
                return try Trainer.gradient(recipe, data, machine: Machine(threads: threads)).gradients
            }
            let expected = try gradients(.float32, 1)
            #expect(expected.values.contains { $0.contains { $0 != 0 } })
            for threads in [1, 2, 3] { #expect(try gradients(.bfloat16, threads) == expected) }
        }

        /// The gradients are within the rounding of 8 bits of those in float32, and not equal to them.
        @Test(.enabled(if: hasBFloat16), arguments: [1, 2, 17, 64, 300])
        func gradientsAreNearThoseOfFloat32(rows: Int) throws {
            let data = try SmallData.classes(rows, shape: [301])
            func gradients(_ precision: Precision) throws -> NamedGradients {
                let recipe = Recipe(
                    model: layers(Dense(290), Tanh(), Dense(67), Tanh(), Dense(.classes, initialisation: .lecun)),
                    batch: Batch(size: rows, lanes: 1), seed: 4, precision: precision)
                return try Trainer.gradient(recipe, data, machine: Machine(threads: 2)).gradients
            }
            let exact = try gradients(.float32)
            let found = try gradients(.bfloat16)
            for (name, values) in exact {
                let largest = values.map(abs).max() ?? 0
                let differences = zip(values, found[name] ?? []).map { abs($0 - $1) }
                #expect(differences.count == values.count)
                #expect(differences.max() ?? 0 <= 0.02 * largest, "\(name)")
                if name.hasSuffix("weight") { #expect(differences.contains { $0 > 0 }, "\(name) was not rounded") }
            }
        }

        @Test(.enabled(if: hasBFloat16), arguments: [1, 3, 32, 100])
        func sameBitsForAnyThreadsAndMicroBatch(batch: Int) throws {
            let data = try SmallData.classes(2 * batch + 17, shape: [40], weighted: true)
            let recipe = Recipe(
                model: Self.model, batch: Batch(size: batch), learningRate: .constant(0.02), epochs: 2, seed: 5,
                precision: .bfloat16)
            let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
            for threads in [1, 2, 3] {
                for microBatch in [nil, 16, 50] {
                    let machine = Machine(threads: threads, microBatch: microBatch)
                    #expect(try Trainer.fingerprint(recipe, data, machine) == expected, "\(machine)")
                }
            }
            var other = recipe
            other.precision = .float32
            #expect(try Trainer.fingerprint(other, data, Machine(threads: 1)) != expected)
        }

        @Test func processorsWithoutItRefuse() throws {
            let best = bw_best_instruction_set()
            defer { _ = bw_use_instruction_set(best) }
            _ = bw_use_instruction_set(BW_BASELINE)
            let recipe = Recipe(model: Self.model, precision: .bfloat16)
            let data = try SmallData.classes(20, shape: [40])
            #expect {
                _ = try Trainer(recipe, data: data)
            } throws: { "\($0)".contains("AVX512-BF16") && "\($0)".contains("precision: float32") }
        }

        @Test(.enabled(if: hasBFloat16)) func oddGrainsAreRefused() throws {
            let recipe = Recipe(model: Self.model, batch: Batch(size: 60, grain: 15), precision: .bfloat16)
            let data = try SmallData.classes(70, shape: [40])
            #expect(throws: PlanError.self) { _ = try Trainer(recipe, data: data) }
        }

        @Test func theRecipeKeepsIt() throws {
            let recipe = try Recipe(notation: .init(yaml: "model: mlp\nprecision: bfloat16"))
            #expect(recipe.precision == .bfloat16)
            #expect(try Recipe(notation: recipe.notation()).precision == .bfloat16)
            #expect(throws: RecipeError.self) { try Recipe(notation: .init(yaml: "model: mlp\nprecision: float16")) }
        }
    }
}
