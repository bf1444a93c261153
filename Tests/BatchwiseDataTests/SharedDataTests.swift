import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Well-known data sets against independent numbers from their descriptions, NumPy and Python's csv.
@Suite struct SharedDataTests {
    @Test(.enabled(if: SharedData.hasMNIST, "shared/data/mnist is not beside the repository"))
    func mnist() throws {
        let loaded = try DataSource(train: "mnist/train-images-idx3-ubyte.gz").load(
            seed: 1, relativeTo: SharedData.folder)
        let test = try #require(loaded.test)
        #expect(loaded.train.count == 60_000)
        #expect(test.count == 10_000)
        #expect(loaded.train.featureShape == [28, 28, 1])
        guard case .classes(let labels, let names) = loaded.train.targets, case .classes(let others, _) = test.targets,
            case .bytes(_, let scale, let shift) = loaded.train.features
        else {
            Issue.record("not bytes with classes")
            return
        }
        #expect(labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
        #expect(others.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
        #expect(names == (0...9).map(String.init))
        // numpy: mean 33.318421449829934, std 78.56748998339798; the famous 0.1307 and 0.3081 of 255.
        #expect(abs(Double(scale) - 1 / 78.56748998339798) < 1e-9)
        #expect(abs(Double(shift) + 33.318421449829934 / 78.56748998339798) < 1e-7)
    }

    @Test(.enabled(if: SharedData.hasHousing, "shared/data/housing is not beside the repository"))
    func housing() throws {
        let path = SharedData.folder + "/housing/housing.csv"
        let table = try CSV(path: path).table()
        #expect(table.rowCount == 20_640)
        guard case .numeric(let bedrooms) = table.columns[4].values,
            case .categorical(_, let levels) = table.columns[9].values
        else {
            Issue.record("wrong types")
            return
        }
        #expect(bedrooms.count(where: \.isNaN) == 207)
        #expect(levels == ["<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN"])

        let loaded = try DataSource(train: path, target: "median_house_value").load(seed: 7)
        #expect(loaded.train.count == 16_512)
        #expect(loaded.test?.count == 4_128)
        #expect(loaded.train.featureShape == [14])
        // NumPy on the rows that the same split in Python keeps.
        guard case .regression(let means, let deviations) = loaded.preprocessing.target, means.count == 1,
            case .table(let encoder) = loaded.preprocessing.features,
            case .numeric(let longitude, let spread, _, false) = encoder.columns[0].encoding,
            case .numeric(let rooms, _, let fill, true) = encoder.columns[4].encoding
        else {
            Issue.record("wrong encoders")
            return
        }
        #expect(abs(means[0] - 206604.7628997093) < 1e-6)
        #expect(abs(deviations[0] - 114992.92526271161) < 1e-6)
        #expect(abs(longitude + 119.5685277374031) < 1e-10)
        #expect(abs(spread - 2.001879868541739) < 1e-10)
        #expect(abs(rooms - 538.9540363547341) < 1e-9)
        #expect(fill == rooms)
        let again = try loaded.preprocessing.load(newRows: path, needsTarget: true)
        #expect(again.rows([1, 2, 4]) == loaded.train.prefix(3))
        #expect(again.rows([0, 3, 9]) == loaded.test?.prefix(3))
    }

    @Test(.enabled(if: SharedData.hasAdult, "shared/data/adult is not beside the repository"))
    func adult() throws {
        let loaded = try DataSource(train: "adult/adult.data", target: "15", testFraction: 0).load(
            seed: 1, relativeTo: SharedData.folder)
        #expect(loaded.train.count == 32_561)
        // Six numbers, and the texts of eight columns: 8 + 16 + 7 + 14 + 6 + 5 + 2 + 41.
        #expect(loaded.train.featureShape == [105])
        guard case .classes(let classes, let names) = loaded.train.targets,
            case .table(let encoder) = loaded.preprocessing.features,
            case .numeric(let age, _, _, false) = encoder.columns[0].encoding
        else {
            Issue.record("wrong types")
            return
        }
        #expect(names == ["<=50K", ">50K"])
        #expect(classes.count { $0 == 1 } == 7_841)
        #expect(abs(age - 38.58164675532078) < 1e-10)
    }
}
