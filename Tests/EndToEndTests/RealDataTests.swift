import Foundation
import Testing

/// Real data sets, trained to an accuracy or error that they must reach. Slow: `scripts/nightly` sets BATCHWISE_SLOW.
@Suite(.serialized) struct RealDataTests {
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil

    /// The data folder beside the repository, where there is one.
    private static func path(_ name: String) -> String {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appending(path: "shared/data/\(name)").path
    }
    private static func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    private static let digits = "mnist/train-images-idx3-ubyte.gz"
    private static let houses = "housing/housing.csv"
    private static let adults = "adult/adult.data"
    private static let dense = "model=[{dense: 512}, relu, {dense: 256}, relu, {dense: classes}]"

    @Test(.enabled(if: isSlowWanted && exists(digits), "needs BATCHWISE_SLOW and the MNIST files"))
    func denseLayersReadHandwriting() throws {
        let json = try Workshop().run(
            "train", Self.path(Self.digits), "--set", Self.dense, "--set", "batch.size=128", "--set", "epochs=5",
            "--json"
        ).json()
        #expect(try #require(json["test_accuracy"] as? Double) >= 0.98)
    }

    @Test(.enabled(if: isSlowWanted && exists(digits), "needs BATCHWISE_SLOW and the MNIST files"))
    func convolutionsReadHandwriting() throws {
        let json = try Workshop().run(
            "train", Self.path(Self.digits), "--set", "model=cnn", "--set", "batch.size=64", "--set", "epochs=3",
            "--json"
        ).json()
        #expect(try #require(json["test_accuracy"] as? Double) >= 0.988)
    }

    @Test(.enabled(if: isSlowWanted && exists(houses), "needs BATCHWISE_SLOW and housing.csv"))
    func housesAreValued() throws {
        let json = try Workshop().run(
            "train", Self.path(Self.houses), "--target", "median_house_value", "--set", "epochs=30", "--json"
        ).json()
        #expect(try #require(json["test_rmse"] as? Double) < 60_000)
    }

    @Test(.enabled(if: isSlowWanted && exists(houses), "needs BATCHWISE_SLOW and housing.csv"))
    func housesAreValuedCloselyByTheLogarithmsOfCounts() throws {
        let counts = ["total_rooms", "total_bedrooms", "population", "households", "median_income"]
        let json = try Workshop().run(
            "train", Self.path(Self.houses), "--target", "median_house_value",
            "--set", "data.columns={\(counts.map { "\($0): log" }.joined(separator: ", "))}",
            "--set", "epochs=30", "--json"
        ).json()
        #expect(try #require(json["test_rmse"] as? Double) < 53_000)
    }

    @Test(.enabled(if: isSlowWanted && exists(adults), "needs BATCHWISE_SLOW and adult.data"))
    func incomesAreToldApart() throws {
        let json = try Workshop().run("train", Self.path(Self.adults), "--target", "15", "--json").json()
        #expect(try #require(json["test_accuracy"] as? Double) >= 0.85)
    }

    /// One epoch of MNIST, whatever the machine does.
    @Test(.enabled(if: isSlowWanted && exists(digits), "needs BATCHWISE_SLOW and the MNIST files"))
    func sameBitsOnRealData() throws {
        func hash(_ machine: String...) throws -> String {
            try Workshop().run(
                ["train", Self.path(Self.digits), "--set", Self.dense, "--set", "epochs=1", "--json"] + machine
            ).hash()
        }
        let expected = try hash()
        #expect(try hash("--threads", "1") == expected)
        #expect(try hash("--threads", "2", "--micro-batch", "16") == expected)
    }
}
