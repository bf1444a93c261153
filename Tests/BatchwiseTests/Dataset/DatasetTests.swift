import TestSupport
import Testing

@testable import Batchwise

@Suite struct DatasetTests {
    @Test func classes() throws {
        let dataset = try Dataset(features: [0, 1, 2, 3, 4, 5], shape: [2], classes: [0, 2, 1])
        #expect(dataset.count == 3)
        #expect(dataset.featureCount == 2)
        #expect(dataset.classCount == 3)
        #expect(dataset.targets == .classes([0, 2, 1], names: ["0", "1", "2"]))
        #expect(features(dataset, row: 1) == [2, 3])
    }

    @Test func valuesAreStandardised() throws {
        let dataset = try Dataset(features: [0, 0, 0, 0], shape: [1], values: [2, 4, 6, 8])
        // Mean 5, deviation sqrt(5).
        guard case .values(let values, 1, [5], let deviations) = dataset.targets else {
            Issue.record("\(dataset.targets)")
            return
        }
        #expect(deviations.count == 1 && abs(deviations[0] - 2.236068) < 1e-6)
        #expect(zip(values, [-1.3416408, -0.4472136, 0.4472136, 1.3416408]).allSatisfy { abs($0 - $1) < 1e-6 })
        let test = try Dataset(features: [0], shape: [1], values: [7], mean: 5, deviation: 2)
        #expect(test.targets == .values([1], width: 1, mean: 5, deviation: 2))
        let wide = try Dataset(features: [0, 0], shape: [1], values: [1, 10, 3, 50], width: 2)
        // means 2 and 30, deviations 1 and 20
        #expect(wide.targets == .values([-1, -1, 1, 1], width: 2, means: [2, 30], deviations: [1, 20]))
        let further = try Dataset(features: [0], shape: [1], values: [4, 10], means: [2, 30], deviations: [1, 20])
        #expect(further.targets == .values([2, -1], width: 2, means: [2, 30], deviations: [1, 20]))
        let constant = try Dataset(features: [0, 0], shape: [1], values: [0.1, 0.1])
        #expect(constant.targets == .values([0, 0], width: 1, mean: 0.1, deviation: 1))
    }

    @Test func bytesAreScaledWhenABatchIsGathered() throws {
        let dataset = try Dataset(bytes: [0, 10, 20, 30], shape: [2], scale: 0.5, shift: -1, classes: [0, 1])
        #expect(features(dataset, row: 0) == [-1, 4])
        #expect(features(dataset, row: 1) == [9, 14])
    }

    @Test func rowsAndPrefixKeepWhatBelongsTogether() throws {
        let dataset = try Dataset(features: [0, 1, 2, 3], shape: [1], classes: [0, 1, 2, 3], weights: [1, 2, 3, 4])
        let chosen = dataset.rows([3, 1, 3])
        #expect(chosen.features == .floats([3, 1, 3]))
        #expect(chosen.targets == .classes([3, 1, 3], names: ["0", "1", "2", "3"]))
        #expect(chosen.weights == [4, 2, 4])
        #expect(dataset.prefix(2) == dataset.rows([0, 1]))
        #expect(dataset.prefix(9) == dataset)
        #expect(dataset.prefix(-1).count == 0)
    }

    @Test func fillWritesTheRowsInOrder() throws {
        let dataset = try Dataset(features: [0, 1, 2, 3, 4, 5], shape: [2], classes: [0, 0, 0])
        var buffer = [Float](repeating: -1, count: 5)
        try buffer.withUnsafeMutableBufferPointer { try dataset.fill($0, rows: [2, 0]) }
        #expect(buffer == [4, 5, 0, 1, -1])
    }

    @Test func whatDoesNotFitIsRefused() {
        func error(_ work: () throws(DataError) -> Dataset) -> DataError? { failure(work) }
        let nan = Float.nan
        #expect(
            error { () throws(DataError) in try Dataset(features: [1, 2, 3], shape: [2], classes: [0, 0]) }
                == .elementCount(of: "features", expected: 4, found: 3))
        #expect(
            error { () throws(DataError) in try Dataset(features: [1, 2], shape: [1], classes: [0, -1]) }
                == .labelOutOfRange(row: 1, label: -1, classes: 1))
        #expect(
            error { () throws(DataError) in
                try Dataset(features: [1, 2], shape: [1], classes: [0, 2], names: ["a", "b"])
            }
                == .labelOutOfRange(row: 1, label: 2, classes: 2))
        #expect(
            error { () throws(DataError) in try Dataset(features: [1], shape: [1], classes: [.max]) }
                == .labelOutOfRange(row: 0, label: .max, classes: 1))
        #expect(
            error { () throws(DataError) in try Dataset(features: [1, 2, 3, nan], shape: [2], classes: [0, 0]) }
                == .nonFinite(in: "features", row: 1, found: "nan"))
        #expect(
            error { () throws(DataError) in try Dataset(features: [1, 2], shape: [1], values: [0, .infinity]) }
                == .nonFinite(in: "targets", row: 1, found: "inf"))
        #expect(
            error { () throws(DataError) in try Dataset(features: [1, 2], shape: [1], classes: [0, 0], weights: [1]) }
                == .elementCount(of: "weights", expected: 2, found: 1))
        #expect(
            error { () throws(DataError) in
                try Dataset(features: [1, 2], shape: [1], classes: [0, 0], weights: [1, -1])
            }
                == .badWeight(row: 1, found: "-1.0"))
        #expect(
            error { () throws(DataError) in try Dataset(features: [1], shape: [1], classes: [0], weights: [0]) } != nil)
        #expect(error { () throws(DataError) in try Dataset(features: [], shape: [1], classes: []) } == .noExamples)
        #expect(error { () throws(DataError) in try Dataset(features: [], shape: [0], classes: []) } == .badShape([0]))
        #expect(
            error { () throws(DataError) in try Dataset(features: [], shape: [.max, 2], classes: [0]) }
                == .badShape([.max, 2]))
        #expect(error { () throws(DataError) in try Dataset(features: [1, 2, 3], shape: [2]) } != nil)
    }
}
