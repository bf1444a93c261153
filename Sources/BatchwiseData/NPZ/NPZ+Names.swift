import Batchwise

/// Finds features and labels by the names that keras, scikit-learn, MedMNIST and `numpy.savez` use.
extension NPZ {
    /// A name such as `x_train`, which says whether the array holds features or labels, and of which examples.
    private struct Meaning {
        var base: Substring
        /// The part of the examples; nil: all.
        var isTest: Bool?

        init(_ name: String) {
            base = name[...]
            for (part, isTest) in [("train", false), ("test", true)] {
                if name.hasSuffix("_" + part) { (base, self.isTest) = (name.dropLast(part.count + 1), isTest) }
                if name.hasPrefix(part + "_") { (base, self.isTest) = (name.dropFirst(part.count + 1), isTest) }
            }
        }

        var isFeatures: Bool { ["x", "X", "features", "images", "data", "arr_0"].contains(base) }
        var isLabels: Bool { ["y", "Y", "labels", "label", "target", "targets", "arr_1"].contains(base) }
    }

    /// The features to train with, or to test with; the only array of an archive is meant in any case.
    func features(forTesting isTest: Bool) throws(DataError) -> String {
        if names.count == 1 { return names[0] }
        for part in [isTest, nil] {
            let found = names.filter { name in Meaning(name).isFeatures && Meaning(name).isTest == part }
            if found.count == 1 { return found[0] }
            guard found.isEmpty else { break }
        }
        throw try unclear("features")
    }

    /// The labels, where the archive has labels of one set only; the only array of an archive is meant in any case.
    func labels() throws(DataError) -> String {
        let found = names.count == 1 ? names : names.filter { Meaning($0).isLabels }
        guard found.count == 1 else { throw try unclear("labels") }
        return found[0]
    }

    /// The labels that belong to these features.
    func labels(of features: String) throws(DataError) -> String {
        let wanted = Meaning(features).isTest
        let found = names.filter { name in Meaning(name).isLabels && Meaning(name).isTest == wanted }
        guard found.count == 1 else { throw try unclear("labels of \(features)") }
        return found[0]
    }

    /// The test features beside training features: `x_train` has `x_test`; nil where there are none.
    func test(ofTraining features: String) -> String? {
        let training = Meaning(features)
        guard training.isTest == false else { return nil }
        return names.first { name in Meaning(name).base == training.base && Meaning(name).isTest == true }
    }

    private func unclear(_ purpose: String) throws(DataError) -> DataError {
        .arrayUnclear(file: path, purpose: purpose, arrays: try described())
    }
}
