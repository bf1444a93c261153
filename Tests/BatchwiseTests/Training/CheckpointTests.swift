import Foundation
import Testing

@testable import Batchwise

/// A checkpoint is read as it was written, or not at all.
@Suite struct CheckpointTests {
    private static let recipe = Recipe(
        model: LayerList {
            Dense(6)
            BatchNorm(ghost: 8)
            ReLU()
            Dense(.classes)
        }, batch: Batch(size: 16),
        optimizer: .adam(), epochs: 3)

    private func checkpoint() throws -> Checkpoint {
        var trainer = try Trainer(Self.recipe, data: SmallData.classes(40))
        for _ in 0..<4 { _ = try trainer.update() }
        var checkpoint = trainer.checkpoint()
        checkpoint.model.notes["epoch"] = #"{"batchwise.sha256":"}"#
        checkpoint.vectors["average"] = checkpoint.model.values.map { $0.map { 2 * $0 } }
        return checkpoint
    }

    private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try body(path)
    }

    @Test func everythingIsReadAsItWasWritten() throws {
        let written = try checkpoint()
        let bytes = try written.encoded()
        try withFile(bytes) { path in
            let read = try Checkpoint(contentsOf: path)
            #expect(read.model.values == written.model.values)
            #expect(read.progress == written.progress)
            #expect(read.optimizerState == written.optimizerState)
            #expect(read.vectors == written.vectors)
            #expect(read.model.notes == written.model.notes)
            #expect(try read.encoded() == bytes)
            // it is a model and a safetensors file like any other
            #expect(try Model(contentsOf: path).parametersSHA256 == written.model.parametersSHA256)
            let file = try Safetensors(path: path)
            #expect(file.tensors["0.weight"]?.shape == [6, 12])
            #expect(file.tensors["vectors.average.0.weight"]?.shape == [6, 12])
        }
    }

    /// A reader passes over keys that this version does not know.
    @Test func progressOfLaterVersionsIsRead() throws {
        var file = try Safetensors(bytes: checkpoint().encoded())
        let progress = try #require(file.metadata["batchwise.progress"])
        file.metadata["batchwise.progress"] = #"{"later":{"x":[1]},"# + progress.dropFirst()
        try withFile(file.sealed()) { path in
            let read = try Checkpoint(contentsOf: path)
            #expect(read.progress.updates == 4)
        }
    }

    @Test func everyFlippedBitIsFound() throws {
        let bytes = try checkpoint().encoded()
        var random = TestNumbers("flipped bits")
        var unnoticed = 0
        for _ in 0..<1000 {
            var damaged = bytes
            damaged[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
            if (try? Safetensors(bytes: damaged)) != nil { unnoticed += 1 }
            #expect(throws: CheckpointError.self) { try Safetensors(sealed: damaged) }
        }
        // the negative control: the format alone does not see most of them
        #expect(unnoticed > 500)
        #expect(try Safetensors(sealed: bytes).tensors.count > 0)
    }

    @Test func everyBitOfTheChecksumCounts() throws {
        let bytes = try checkpoint().encoded()
        let key = try #require(Data(bytes).range(of: Data(#""batchwise.sha256":""#.utf8)))
        for place in key.lowerBound..<key.upperBound + 65 {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(bit)
                #expect(throws: CheckpointError.self) { try Safetensors(sealed: damaged) }
            }
        }
    }

    @Test func filesOfAnotherLengthAreFound() throws {
        let bytes = try checkpoint().encoded()
        var random = TestNumbers("lengths")
        for length in [0, 1, 7, 8, 9] + (0..<100).map({ _ in random.below(bytes.count) }) {
            try withFile(Array(bytes[..<length])) { path in
                #expect(throws: CheckpointError.self) { try Checkpoint(contentsOf: path) }
            }
        }
        #expect(throws: CheckpointError.self) { try Safetensors(sealed: bytes + [0]) }
    }

    /// A model's file has no checksum, so it is not accepted as a checkpoint.
    @Test func aModelIsNoCheckpoint() throws {
        try withFile(checkpoint().model.safetensors().encoded()) { path in
            #expect(throws: CheckpointError.self) { try Checkpoint(contentsOf: path) }
        }
    }

    @Test func aVectorThatIsMissingIsNamed() throws {
        var file = try Safetensors(bytes: checkpoint().encoded())
        file.tensors["vectors.average.0.bias"] = nil
        try withFile(file.sealed()) { path in
            do {
                _ = try Checkpoint(contentsOf: path)
                Issue.record("it was read")
            } catch { #expect("\(error)".contains("vectors.average of 0.bias is missing")) }
        }
    }

    @Test func aLayerCannotTakeTheNameOfAVector() throws {
        let recipe = Recipe(
            model: layers(
                Dense(3), LayerList { LayerList { Dense(3).named("0") }.named("average") }.named("vectors"),
                Dense(.classes)), batch: Batch(size: 16))
        var checkpoint = try Trainer(recipe, data: SmallData.classes(40)).checkpoint()
        checkpoint.vectors["best"] = checkpoint.model.values
        _ = try checkpoint.encoded()
        checkpoint.vectors["average"] = checkpoint.model.values
        #expect(throws: CheckpointError.self) { try checkpoint.encoded() }
    }

    @Test func aProgramStopsAndGoesOn() throws {
        let data = try SmallData.classes(40)
        let whole = try Trainer.fingerprint(Self.recipe, data, Machine())
        var first = try Trainer(Self.recipe, data: data)
        try first.run { $0.index == 5 ? .stop : .proceed }
        try withFile([]) { path in
            try first.saveCheckpoint(path)
            var second = try Trainer(Self.recipe, data: data, machine: Machine(threads: 3))
            try second.resume(from: path)
            let updates = second.progress.updates
            #expect(updates == 5)
            #expect(try second.run().parametersSHA256 == whole)
            var other = Self.recipe
            other.seed = 7
            var third = try Trainer(other, data: data)
            var fault: CheckpointError?
            do { try third.resume(from: path) } catch { fault = error as? CheckpointError }
            #expect(fault == .malformed(path: path, reason: "is the checkpoint of another recipe"))
            let place = third.progress
            #expect(place == TrainingProgress())
        }
    }

    @Test func leftoversOfDeadWritersAreRemovedAndNothingElse() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leftovers-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in [".batchwise-12-0.partial", ".batchwise-12", "x.partial", "file"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        AtomicFile.removeLeftovers(in: folder)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                ".batchwise-12", "file", "x.partial",
            ])
    }
}
