import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Files that write the classes of a model in other letters, or with a full stop behind them.
@Suite struct ClassNamesTests {
    @Test func aTextMeansTheClassThatIsAlike() {
        let names = ClassNames(["<=50K", ">50K", "Yes", "a", "A"])
        #expect(names["<=50K."] == 0 && names[" >50K ."] == nil && names[" >50K. "] == 1)
        #expect(names["yes"] == 2 && names["YES."] == 2 && names["ye"] == nil && names[""] == nil && names["."] == nil)
        // two classes are alike: only their own names mean them
        #expect(names["a"] == 3 && names["A"] == 4 && names["a."] == nil)
    }

    /// The form of adult.data and adult.test, whose labels end with a full stop.
    @Test func aTestFileWithFullStops() throws {
        let folder = try TemporaryFolder()
        func rows(_ stop: String) -> String {
            "age,income\n" + (0..<40).map { "\($0 * 7 % 23),\($0 % 3 == 0 ? ">50K" : "<=50K")\(stop)\n" }.joined()
        }
        try folder.write(Array(rows("").utf8), to: "a.data")
        try folder.write(Array(rows(".").utf8), to: "a.test")
        var source = DataSource(train: folder.at("a.data"), target: "income")
        source.test = [folder.at("a.test")]
        let loaded = try source.load(seed: 1)
        #expect(loaded.classNames == ["<=50K", ">50K"])
        #expect(loaded.test?.targets == loaded.train.targets && loaded.test?.count == 40)
        #expect(
            loaded.notices.count == 1 && loaded.notices[0].contains("a.test: the class \"<=50K\" is written \"<=50K.\"")
        )
        // the negative control: another text is no class
        try folder.write(Array(rows("?").utf8), to: "a.test")
        #expect(failure { () throws(DataError) in try source.load(seed: 1) }?.description.contains(">50K?") == true)
    }
}
