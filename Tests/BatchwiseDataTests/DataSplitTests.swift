import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// The effects of a recipe's split, of several targets and of class weights on a table.
@Suite struct DataSplitTests {
    private static let table =
        "id,x,kind\n" + (0..<40).map { "u\($0 / 4),\($0),\($0 % 4 == 0 ? "rare" : "usual")\n" }.joined()

    private func load(
        _ text: String = table, target: String = "kind", _ change: (inout DataSource) -> Void
    ) throws(DataError) -> LoadedData {
        guard let file = try? TemporaryFile(text) else { throw .noExamples }
        var source = DataSource(train: file.path, target: target, ignore: text == Self.table ? ["id"] : [])
        change(&source)
        return try source.load(seed: 1)
    }

    private func error(
        _ text: String = table, target: String = "kind", _ change: (inout DataSource) -> Void
    ) -> String {
        failure { () throws(DataError) in try load(text, target: target, change) }?.description ?? "none"
    }

    /// The numbers in the column x.
    private func numbers(_ data: Dataset?) -> [Int] {
        guard let data else { return [] }
        return (0..<data.count).map { Int(features(data, row: $0)[0]) }
    }

    private func rare(_ data: Dataset?) -> Int {
        guard case .classes(let classes, _) = data?.targets else { return -1 }
        return classes.count { $0 == 0 }
    }

    @Test func validationIsAThirdPart() throws {
        let loaded = try load {
            $0.split.test = 0.2
            $0.split.validation = 0.1
            $0.standardise = false
        }
        #expect(loaded.train.count == 28 && loaded.validation?.count == 4 && loaded.test?.count == 8)
        let all = numbers(loaded.train) + numbers(loaded.validation) + numbers(loaded.test)
        #expect(all.sorted() == Array(0..<40))
        // The rows to test are those of a split without validation.
        let other = try load {
            $0.split.test = 0.2
            $0.standardise = false
        }
        #expect(numbers(other.test) == numbers(loaded.test) && other.validation == nil)
    }

    @Test func stratifiedPartsOfATable() throws {
        let loaded = try load {
            $0.split.test = 0.2
            $0.split.validation = 0.2
            $0.split.method = .stratified
        }
        #expect(rare(loaded.test) == 2 && rare(loaded.validation) == 2 && rare(loaded.train) == 6)
        #expect(error(target: "x") { $0.split.method = .stratified }.contains("needs classes"))
    }

    @Test func groupsOfATableStayTogetherAndAreNotLearntFrom() throws {
        let loaded = try load {
            $0.columns.ignore = []
            $0.columns.group = "id"
            $0.split.test = 0.3
            $0.standardise = false
        }
        #expect(loaded.train.featureShape == [1])
        #expect(loaded.test?.count == 12)
        let groups = Set(numbers(loaded.test).map { $0 / 4 })
        #expect(groups.count == 3 && numbers(loaded.train).allSatisfy { !groups.contains($0 / 4) })
        #expect(error { $0.columns.group = "kind" }.contains("data.split.group"))
        #expect(
            error("id,x,y\na,1,1\n,2,2.5\n", target: "y") { $0.columns.group = "id" }.contains("line 3, column \"id\""))
    }

    @Test func foldsOfATable() throws {
        var tested: [Int] = []
        for number in 1...4 {
            let loaded = try load {
                $0.split.fold = Split.Fold(number, of: 4)
                $0.standardise = false
            }
            #expect(loaded.train.count == 30 && loaded.test?.count == 10)
            // 10 rare rows in 4 folds
            #expect((2...3).contains(rare(loaded.test)))
            tested += numbers(loaded.test)
        }
        #expect(tested.sorted() == Array(0..<40))
        #expect(error { $0.split.fold = Split.Fold(1, of: 41) }.contains("41 folds of 40 examples"))
        #expect(
            error {
                $0.split.fold = Split.Fold(1, of: 4)
                $0.split.test = 0.2
            }.contains("data.split.test"))
    }

    @Test func severalTargetsHaveMomentsOfTheirOwn() throws {
        let text = "a,x,b\n1,5,10\n3,6,50\n"
        let loaded = try load(text) {
            $0.columns.targets = ["b", "1"]
            $0.split.test = 0
        }
        // b: 10 and 50, mean 30, deviation 20; a: 1 and 3, mean 2, deviation 1.
        #expect(loaded.train.featureShape == [1])
        #expect(loaded.preprocessing.target == .regression(means: [30, 2], deviations: [20, 1]))
        #expect(loaded.train.targets == .values([-1, -1, 1, 1], width: 2, means: [30, 2], deviations: [20, 1]))
        let new = try TemporaryFile("x,b,a\n7,70,4\n")
        let rows = try loaded.preprocessing.load(newRows: new.path, needsTarget: true)
        #expect(rows.targets == .values([2, 2], width: 2, means: [30, 2], deviations: [20, 1]))
        let bare = try TemporaryFile("x\n7\n")
        #expect(try loaded.preprocessing.load(newRows: bare.path).features == rows.features)

        #expect(error(text) { $0.columns.targets = ["a", "a"] }.contains("twice"))
        #expect(error("a,x,b\n1,5,10\n3,6,z\n") { $0.columns.targets = ["a", "b"] }.contains("line 3, column \"b\""))
        // a row that lacks one of them is left out
        let gaps = try load("a,x,b\n1,5,10\n2,4,\n3,6,50\n") {
            $0.columns.targets = ["a", "b"]
            $0.split.test = 0
        }
        #expect(gaps.train.targets == .values([-1, -1, 1, 1], width: 2, means: [2, 30], deviations: [1, 20]))
        #expect(gaps.notices.count == 1 && gaps.notices[0].contains("line 3, column \"b\": no value to learn"))
    }

    @Test func rowsWithoutHeaderMayLackAllTargets() throws {
        let loaded = try load("1,5,10,7\n3,6,50,9\n", target: "1") {
            $0.columns.targets = ["1", "3"]
            $0.split.test = 0
        }
        let whole = try TemporaryFile("0,6,0,9\n")
        let lacking = try TemporaryFile("6,9\n")
        let fitted = loaded.preprocessing
        #expect(try fitted.load(newRows: whole.path) == fitted.load(newRows: lacking.path))
        #expect(features(try fitted.load(newRows: lacking.path), row: 0) == [1, 1])
    }

    @Test func balancedWeightsAreThoseOfScikitLearn() throws {
        // compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 0, 0, 1, 1, 2]) of scikit-learn 1.9.1
        let expected: [Float] = [0.53333333, 1.33333333, 2.66666667]
        let data = try Dataset(
            features: [Float](repeating: 0, count: 8), shape: [1], classes: [0, 0, 0, 0, 0, 1, 1, 2])
        let weights = try #require(try data.weighted(by: .balanced).weights)
        for (weight, place) in zip(weights, [0, 0, 0, 0, 0, 1, 1, 2]) { #expect(abs(weight - expected[place]) < 1e-6) }
        #expect(abs(weights.reduce(0, +) - 8) < 1e-5)
    }

    @Test func classWeightsMultiplyThoseOfTheTrainingExamples() throws {
        let text = "x,w,y\n1,2,no\n2,1,yes\n3,1,no\n4,4,yes\n"
        let loaded = try load(text, target: "y") {
            $0.columns.weights = "w"
            $0.split.test = 0.25
            $0.classWeights = .named(["yes": 3])
        }
        // Row 2 is tested, and its weight stays its own.
        guard case .classes(let classes, _) = loaded.train.targets, case .classes(let others, _) = loaded.test?.targets
        else {
            Issue.record("no classes")
            return
        }
        #expect(classes.count == 3 && others.count == 1)
        let all = zip(classes, try #require(loaded.train.weights)).map { $0 == 1 ? $1 / 3 : $1 }
        #expect((all + (loaded.test?.weights ?? [])).sorted() == [1, 1, 2, 4])
        #expect(error(text, target: "y") { $0.classWeights = .named(["yess": 2]) }.contains("did you mean \"yes\"?"))
        #expect(error(text, target: "y") { $0.classWeights = .named(["yes": 0, "no": 0]) }.contains("no example"))
        #expect(error("x,y\n1,1.5\n2,2.5\n", target: "y") { $0.classWeights = .balanced }.contains("numbers"))
    }

    @Test func textsAmongNumbersAreTold() throws {
        let file = try TemporaryFile("n,t\n1,a\n2,b\nabc,7\n4,c\n", name: "t.csv")
        let columns = try DataDescription(of: file.path, header: true).columns
        #expect(columns[0].mixture == .init(numbers: 3, firstText: "abc", line: 4))
        #expect(columns[1].mixture == .init(numbers: 1, firstText: "a", line: 2))
        let pure = try TemporaryFile("n,t\n1,a\n2,b\n", name: "t.csv")
        #expect(try DataDescription(of: pure.path).columns.allSatisfy { $0.mixture == nil })
    }
}
