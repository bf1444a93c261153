import Batchwise
import BatchwiseData
import Foundation
import TestSupport
import Testing

/// The examples in the comments of `BatchwiseData`.
@Suite struct DataSnippetTests {
    private static let houses: [UInt8] = {
        let rows = (0..<60).map { row in
            let built = row % 7 == 0 ? "" : "\(1950 + row)"
            return "\(200 + 10 * (row % 6) + row),\(1 + row % 6),\(row % 2 == 0 ? "Elm Street" : "Oak Lane"),\(built)"
        }
        return Array((["price,rooms,street,built"] + rows).joined(separator: "\n").utf8)
    }()

    @Test func aTableInMemory() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                try folder.write(DataSnippetTests.houses, to: "houses.csv")
                let table = try Table(contentsOf: "houses.csv")
                if case .numeric(let prices) = table.columns[0].values { print(prices.max() ?? .nan) }
                #expect(table.rowCount == 60 && table.columns[0].name == "price")
                let expected: [Double] = (0..<60).map { row in Double(200 + 10 * (row % 6) + row) }
                #expect(table.columns[0].values == .numeric(expected))
            }
        }
    }

    @Test func aDescriptionOfAFile() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                try folder.write(DataSnippetTests.houses, to: "houses.csv")
                let description = try DataDescription(of: "houses.csv")
                for column in description.columns { print(column.name, column.missing) }
                #expect(description.columns.map(\.name) == ["price", "rooms", "street", "built"])
                #expect(description.columns.map(\.missing) == [0, 0, 0, 9])
            }
        }
    }

    @Test func aRowOfCells() {
        let row: [String: Cell] = ["rooms": 3, "street": "Elm Street", "built": nil]
        #expect(row.count == 3)
        #expect(row["rooms"] == .number(3) && row["street"] == .text("Elm Street") && row["built"] == .missing)
    }

    /// One row, against the same row in a file.
    @Test func aPredictionOfARow() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                try folder.write(DataSnippetTests.houses, to: "houses.csv")
                try DataSnippetTests.train(
                    DataSource(train: "houses.csv", target: "price"), "linear", to: folder, "runs/houses")
                let prices = try RowPredictor(Model(contentsOf: "runs/houses/model.safetensors"))
                print(try prices.predictions(for: ["rooms": 3, "street": "Elm Street", "built": nil])[0])
                let found = try prices.predictions(for: ["rooms": 3, "street": "Elm Street", "built": nil])
                try folder.write(Array("rooms,street,built\n3,Elm Street,\n".utf8), to: "new.csv")
                let expected = try prices.predictions(for: prices.preprocessing.load(newRows: "new.csv"))
                #expect(found.numbers == expected.numbers && found.count == 1)
                #expect(found.numbers.allSatisfy { (150...350).contains($0) }, "\(found.numbers)")
            }
        }
    }

    @Test func textAfterAPrompt() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                let line = "ROMEO: to be or not to be, that is the question.\n"
                try folder.write(Array(String(repeating: line, count: 20).utf8), to: "plays.txt")
                try DataSnippetTests.train(
                    DataSource(train: "plays.txt", window: 6, testFraction: 0), "text", to: folder, "runs/plays")
                let writer = try RowPredictor(Model(contentsOf: "runs/plays/model.safetensors"))
                print(try writer.text(after: "ROMEO:", length: 200, temperature: 0.8, seed: 7))
                let text = try writer.text(after: "ROMEO:", length: 200, temperature: 0.8, seed: 7)
                #expect(
                    text.unicodeScalars.count == 200 && text.unicodeScalars.allSatisfy(line.unicodeScalars.contains))
                #expect(try writer.text(after: "ROMEO:", length: 200, temperature: 0.8, seed: 8) != text)
            }
        }
    }

    private static func train(
        _ source: DataSource, _ model: String, to folder: TemporaryFolder, _ run: String
    ) throws {
        let loaded = try source.load(seed: 1)
        var trainer = try Trainer(Recipe(yaml: "{model: \(model), epochs: 4}"), data: loaded.train)
        var model = try trainer.run()
        try model.keep(loaded.preprocessing)
        try FileManager.default.createDirectory(atPath: folder.at(run), withIntermediateDirectories: true)
        try model.save(folder.at(run + "/model.safetensors"))
    }
}
