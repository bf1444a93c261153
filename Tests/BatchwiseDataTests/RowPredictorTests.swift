import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Single rows against the same rows in a file, which `Preprocessing.load` reads.
@Suite struct RowPredictorTests {
    private static let table: String = {
        var text = "rooms,street,grade,built,code,size,price\n"
        for row in 0..<120 {
            let street = ["Elm", "Oak", "", "Fir"][row % 4]
            let rooms = row % 11 == 3 ? "" : "\(1 + row % 5)"
            text +=
                "\(rooms),\(street),\(["low", "mid", "top"][row % 3]),20\(10 + row % 14)-03-0\(1 + row % 9),c\(row % 40),"
            text += "\(Double(row % 17) * 1.5),\(1000 + 37 * row % 500)\n"
        }
        return text
    }()

    private func trained(_ source: DataSource, _ model: LayerList = LayerList { Dense(.classes) }) throws -> Model {
        let loaded = try source.load(seed: 1)
        var trainer = try Trainer(Recipe(model: model, batch: Batch(size: 16), epochs: 2), data: loaded.train)
        var model = try trainer.run()
        try model.keep(loaded.preprocessing)
        return model
    }

    private func tableSource(_ path: String) throws -> DataSource {
        let recipe = try Recipe(
            notation: RecipeValue(
                yaml: """
                    data:
                      train: \(path)
                      target: price
                      columns: {grade: {ordinal: [low, mid, top]}, code: {hash: 8}, size: log}
                    """))
        return try #require(recipe.data)
    }

    @Test func aRowOfCellsIsTheRowOfTheFile() throws {
        let file = try TemporaryFile(Self.table)
        let model = try trained(tableSource(file.path))
        let predictor = try RowPredictor(model)
        #expect(predictor.columns == ["rooms", "street", "grade", "built", "code", "size"])
        let lines = [
            "3,Elm,mid,2015-03-04,c3,4.5", ",Oak,low,,c99,0", "2,,top,2011-12-31,,3", "1e1,Ash,none,1999-01-01,x,16",
        ]
        let rows: [[String: Cell]] = [
            ["rooms": 3, "street": "Elm", "grade": "mid", "built": "2015-03-04", "code": "c3", "size": 4.5, "more": 1],
            ["rooms": nil, "street": "Oak", "grade": "low", "built": nil, "code": "c99", "size": 0],
            ["rooms": 2, "street": nil, "grade": "top", "built": "2011-12-31", "code": nil, "size": "3"],
            ["rooms": "1e1", "street": "Ash", "grade": "none", "built": "1999-01-01", "code": "x", "size": 16],
        ]
        let new = try TemporaryFile("rooms,street,grade,built,code,size\n" + lines.joined(separator: "\n") + "\n")
        let expected = try predictor.predictions(for: predictor.preprocessing.load(newRows: new.path))
        #expect(expected.count == 4 && expected.classes.isEmpty && Set(expected.numbers).count == 4)
        for (index, row) in rows.enumerated() {
            #expect(try predictor.predictions(for: row).numbers == Array(expected[index]), "row \(index)")
        }
        let cells: [Cell] = [3, "Elm", "mid", "2015-03-04", "c3", 4.5]
        #expect(try predictor.predictions(for: cells).numbers == Array(expected[0]))
        // in the target's own unit
        #expect(expected.numbers.allSatisfy { (500...2500).contains($0) }, "\(expected.numbers)")
    }

    @Test func rowsThatDoNotFitSayWhy() throws {
        let file = try TemporaryFile(Self.table)
        let predictor = try RowPredictor(trained(tableSource(file.path)))
        var row: [String: Cell] = [
            "rooms": 3, "street": "Elm", "grade": "mid", "built": nil, "code": "c3", "size": 4.5,
        ]
        func failure(_ row: [String: Cell]) -> PredictionError? {
            do throws(PredictionError) { _ = try predictor.predictions(for: row) } catch { return error }
            return nil
        }
        #expect(failure(row) == nil)
        row["size"] = -1
        #expect(failure(row) == .badCell(column: "size", detail: "log needs numbers above -1, and -1.0 found"))
        row["size"] = 1
        row["rooms"] = "many"
        #expect(failure(row)?.description == "column \"rooms\": \"many\" is not a number")
        row["rooms"] = 3
        row["built"] = "yesterday"
        #expect(failure(row)?.description.contains("is not a date") == true)
        row["built"] = nil
        #expect(failure(row) == .missingColumn(name: "built", nearest: nil))
        #expect(throws: PredictionError.cellCount(expected: 6, found: 1)) { try predictor.predictions(for: [1]) }
        #expect(throws: PredictionError.otherKind(expected: "rows of a table")) {
            try predictor.predictions(after: "text")
        }
    }

    @Test func pixelsNumbersAndTextAreThoseOfFiles() throws {
        // images of bytes
        let digits = try RowPredictor(trained(DataSource(train: DataSource.digits)))
        let test = Dataset.digits().test
        guard case .bytes(let bytes, _, _) = test.features else { return }
        let expected = try digits.predictions(for: test)
        #expect(expected.classes == (0...9).map(String.init))
        for row in [0, 7, 100] {
            let pixels = Array(bytes[row * 64..<(row + 1) * 64])
            let found = try digits.predictions(pixels: pixels)
            #expect(found.numbers == Array(expected[row]) && found.places == [expected.places[row]])
        }
        // the next character of a text
        let text = String(repeating: "to be or not to be, that is the question. ", count: 12)
        let file = try TemporaryFile(text, name: "text.txt")
        let source = DataSource(train: [file.path], kind: .text(window: 5))
        let model = LayerList {
            Embedding(vocabulary: 32, width: 4)
            Flatten()
            Dense(.classes)
        }
        let reader = try RowPredictor(trained(source, model))
        let end = try TemporaryFile("not to be", name: "end.txt")
        let all = try reader.predictions(for: reader.preprocessing.load(newRows: end.path))
        let last = try reader.predictions(after: "not to be")
        #expect(last.numbers == Array(all[all.count - 1]))
        #expect(throws: PredictionError.self) { try reader.predictions(after: "to") }
        #expect(throws: PredictionError.self) { try reader.predictions(after: "naïve!") }
    }

    @Test func aModelWithoutPreprocessingIsRefused() throws {
        var model = try trained(DataSource(train: DataSource.digits))
        model.notes = [:]
        #expect(throws: PredictionError.noPreprocessing) { try RowPredictor(model) }
    }
}
