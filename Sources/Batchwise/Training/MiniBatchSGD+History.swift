extension MiniBatchSGD {
    /// The losses and counts of a minimisation.
    public struct History: Sendable, Hashable, Codable {
        /// The mean loss over the batch of each update, at the parameters before that update: 8 bytes an update.
        public fileprivate(set) var updateLosses: [Double] = []
        /// The mean loss over the examples of each epoch: the losses of its updates, weighted by their examples. The
        /// parameters moved meanwhile, so this is not the loss at any one of them.
        public fileprivate(set) var epochLosses: [Double] = []
        /// The number of examples that were visited; an example counts each time.
        public fileprivate(set) var examplesSeen = 0

        /// The number of updates that were made.
        public var updates: Int { updateLosses.count }

        /// An empty history with room for a whole run, so that recording does not allocate. A run of more than 16
        /// million updates may never get there, and takes its memory as it goes.
        @usableFromInline
        init(reservingEpochs epochs: Int, updates: Int) {
            updateLosses.reserveCapacity(min(updates, 1 << 24))
            epochLosses.reserveCapacity(min(epochs, 1 << 24))
        }

        @usableFromInline
        mutating func recordUpdate(loss: Double, examples: Int) {
            updateLosses.append(loss)
            examplesSeen += examples
        }

        @usableFromInline
        mutating func recordEpoch(loss: Double) {
            epochLosses.append(loss)
        }
    }
}
