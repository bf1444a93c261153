extension MiniBatchSGD {
    /// The losses and counts of a minimisation.
    public struct History: Sendable, Hashable, Codable {
        /// The mean loss over the batch of each update, at the parameters before that update: 8 bytes an update.
        public private(set) var updateLosses: [Double] = []
        /// The mean loss over the examples of each epoch that came to its end: the losses of its updates, weighted by
        /// their examples. The parameters moved meanwhile, so this is not the loss at any one of them.
        public private(set) var epochLosses: [Double] = []
        /// The validation loss after each epoch that came to its end; empty where there are no validation examples.
        public private(set) var validationLosses: [Double] = []
        /// The number of examples that were visited; an example counts each time.
        public private(set) var examplesSeen = 0

        /// The number of updates that were made.
        public var updates: Int { updateLosses.count }

        /// The sum of the losses of the epoch that is going on, and the number of its examples.
        private var lossSum = 0.0
        private var count = 0.0

        /// An empty history with room for a whole run, so that recording does not allocate. A run of more than 16
        /// million updates may never get there, and takes its memory as it goes.
        @usableFromInline
        init(reservingEpochs epochs: Int, updates: Int) {
            updateLosses.reserveCapacity(min(updates, 1 << 24))
            epochLosses.reserveCapacity(min(epochs, 1 << 24))
        }

        @usableFromInline
        mutating func record(_ update: UpdateReport) {
            updateLosses.append(update.loss)
            examplesSeen = update.examples
            lossSum += update.loss * Double(update.batch)
            count += Double(update.batch)
        }

        @usableFromInline
        mutating func recordEpoch(validationLoss: Double?) {
            epochLosses.append(lossSum / count)
            (lossSum, count) = (0, 0)
            if let validationLoss { validationLosses.append(validationLoss) }
        }
    }
}
