import TestSupport
import Testing

@testable import Batchwise

/// Numbers from scikit-learn 1.9: `d = load_digits(); t = np.arange(1797) % 5 != 4`.
@Suite struct DigitsTests {
    @Test func theSplitIsFixed() {
        let (train, test) = Dataset.digits()
        #expect(train.count == 1438)
        #expect(test.count == 359)
        #expect(train.featureShape == [8, 8, 1])
        guard case .classes(let labels, let names) = train.targets, case .classes(let testLabels, _) = test.targets
        else {
            Issue.record("no classes")
            return
        }
        #expect(names == (0...9).map(String.init))
        #expect(labels.prefix(8) == [0, 1, 2, 3, 5, 6, 7, 8])
        #expect(testLabels.prefix(5) == [4, 9, 4, 9, 4])
        // np.bincount(d.target[t])
        #expect(
            (0...9).map { label in labels.count { $0 == Int32(label) } } == [
                151, 161, 143, 131, 147, 154, 150, 136, 127, 138,
            ])
    }

    @Test func thePixelsAreThoseOfScikitLearn() {
        let (train, test) = Dataset.digits()
        guard case .bytes(let pixels, let scale, let shift) = train.features,
            case .bytes(let others, _, _) = test.features
        else {
            Issue.record("no bytes")
            return
        }
        #expect(pixels.reduce(0) { $0 + Int($1) } == 450_304)
        #expect(others.reduce(0) { $0 + Int($1) } == 561_718 - 450_304)
        #expect(others.prefix(8) == [0, 0, 0, 1, 11, 0, 0, 0])
        // d.data[t].mean(), d.data[t].std()
        #expect(abs(Double(scale) - 1 / 6.023076646906915) < 1e-8)
        #expect(abs(Double(shift) + 4.892906815020862 / 6.023076646906915) < 1e-7)
        let all = (0..<train.count).flatMap { features(train, row: $0) }
        #expect(abs(all.reduce(0) { $0 + Double($1) } / Double(all.count)) < 1e-6)
    }
}
