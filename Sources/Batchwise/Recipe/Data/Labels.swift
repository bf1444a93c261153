extension DataSource {
    /// The files of the labels of arrays. Files that are read as one are listed in order.
    ///
    /// ```yaml
    /// data: {train: x.npy, labels: y.npy, test: x-test.npy, test-labels: y-test.npy}
    /// ```
    public struct Labels: Equatable, Sendable {
        /// The files of the labels of training examples. Where there are none, `labels-idx1` is looked for beside
        /// `images-idx3`, and `y` beside `x`.
        public var train: [String]
        /// The files of the labels of test examples.
        public var test: [String]

        /// Labels in files beside the files of the examples.
        public init(train: [String] = [], test: [String] = []) {
            self.train = train
            self.test = test
        }
    }
}
