import Batchwise
import TestSupport
import Testing

/// The examples in the comments of `Dataset`.
@Suite struct DatasetSnippetTests {
    @Test func aDatasetOfArrays() throws {
        let xor = try Dataset(features: [0, 0, 0, 1, 1, 0, 1, 1], shape: [2], classes: [0, 1, 1, 0])
        print(xor.count)  // 4
        #expect(xor.count == 4 && xor.classCount == 2)
        #expect((0..<4).map { features(xor, row: $0) } == [[0, 0], [0, 1], [1, 0], [1, 1]])
    }

    private struct Sensor: Sendable {
        func value(_ row: Int, _ feature: Int) -> Float { Float(row) + Float(feature) / 64 }
    }

    @Test func aDatasetOfAProgramsOwnRows() throws {
        let sensor = Sensor()
        let labels = (0..<100).map { $0 % 3 == 0 ? 1 : 0 }
        let waves = try Dataset(shape: [64], classes: labels, names: ["low", "high"]) { buffer, rows in
            for (place, row) in rows.enumerated() {
                for feature in 0..<64 { buffer[64 * place + feature] = sensor.value(row, feature) }
            }
        }
        #expect(waves.count == 100)
        #expect(waves.targets == .classes(labels.map { Int32($0) }, names: ["low", "high"]))
        #expect(features(waves, row: 7) == (0..<64).map { 7 + Float($0) / 64 })
        // training sees the same numbers as it does in memory
        let inMemory = try Dataset(
            features: (0..<100).flatMap { row in (0..<64).map { sensor.value(row, $0) } }, shape: [64],
            classes: labels, names: ["low", "high"])
        let recipe = Recipe(model: LayerList { Dense(.classes) }, learningRate: .constant(0.001), epochs: 2)
        var streamed = try Trainer(recipe, data: waves)
        var other = try Trainer(recipe, data: inMemory)
        #expect(try streamed.run().parametersSHA256 == other.run().parametersSHA256)
    }

    @Test func labelsThatAreNoClassesAreRefused() {
        func message(_ labels: [Int], names: [String]? = nil) -> String? {
            failure { () throws(DataError) in
                try Dataset(shape: [1], classes: labels, names: names) { _, _ in }
            }?.description
        }
        #expect(message([0, 1, 1]) == nil)
        #expect(message([-1]) == "example 0 (from 0): the label -1 is below 0; number the classes from 0")
        #expect(
            message([0, 2], names: ["low", "high"])
                == "example 1 (from 0): the label 2 is not in 0..<2; number the classes from 0")
        #expect(message([]) == "no examples")
    }

    @Test func momentsOfNumbersThatComeTwice() {
        let numbers = [2.0, 4, 4, 4, 5, 5, 7, 9]
        var moments = RunningMoments()
        for number in numbers { moments.add(number) }
        moments.endFirstPass()
        for number in numbers { moments.addDistance(number) }
        print(moments.mean, moments.deviation)
        #expect(moments.mean == 5 && moments.deviation == 2)
    }

    @Test func sparseRows() throws {
        // [0, 5, 0, 1], [0, 0, 0, 0], [2, 0, 0, 0]
        let rows = try SparseRows(starts: [0, 2, 2, 3], columns: [1, 3, 0], values: [5, 1, 2], width: 4)
        let data = try Dataset(sparse: rows, classes: [0, 1, 0])
        #expect((0..<3).map { features(data, row: $0) } == [[0, 5, 0, 1], [0, 0, 0, 0], [2, 0, 0, 0]])
    }

    @Test func partsOfASplit() {
        var split = Split(count: 100, seed: 42)
        let test = split.take(0.2)  // 20 rows
        let validation = split.take(0.1)  // 10 others
        let train = split.rest  // the other 70
        #expect([test, validation, train].map(\.count) == [20, 10, 70])
        #expect((test + validation + train).sorted() == Array(0..<100))
        #expect([test, validation, train].allSatisfy { $0 == $0.sorted() })
    }

    @Test func foldsOfASplit() {
        let labels = (0..<50).map { $0 % 5 == 0 ? 1 : 0 }
        for (train, test) in Split(classes: labels, seed: 42).folds(5) { print(train.count, test.count) }
        let folds = Split(classes: labels, seed: 42).folds(5)
        #expect(folds.allSatisfy { $0.train.count == 40 && $0.test.count == 10 })
        #expect(folds.flatMap(\.test).sorted() == Array(0..<50))
        #expect(folds.allSatisfy { ($0.train + $0.test).sorted() == Array(0..<50) })
        // each fold has its share of the rare class
        #expect(folds.allSatisfy { $0.test.count { labels[$0] == 1 } == 2 })
    }
}
