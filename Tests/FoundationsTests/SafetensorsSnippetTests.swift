import Foundation
import Foundations
import Testing

/// The example in the comment of `Safetensors`, in a process of its own: the working directory is the process's.
@Suite struct SafetensorsSnippetTests {
    @Test func tensorsInAFile() async throws {
        await #expect(processExitsWith: .success) {
            let folder = FileManager.default.temporaryDirectory.appending(path: "batchwise-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try #require(FileManager.default.changeCurrentDirectoryPath(folder.path))
            var file = Safetensors()
            file.tensors["0.bias"] = try Safetensors.Tensor(shape: [3], values: [0.5, -1, 2])
            try file.write(to: "model.safetensors")
            print(try Safetensors(path: "model.safetensors").tensors["0.bias"]?.values ?? [])  // [0.5, -1.0, 2.0]
            let found = try Safetensors(path: folder.path + "/model.safetensors").tensors
            #expect(found.keys.sorted() == ["0.bias"] && found["0.bias"]?.shape == [3])
            #expect("\(found["0.bias"]?.values ?? [])" == "[0.5, -1.0, 2.0]")
        }
    }
}
