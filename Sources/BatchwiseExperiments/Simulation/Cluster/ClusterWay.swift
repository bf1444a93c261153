/// A way for workers to train one model together.
package enum ClusterWay: String, Sendable, Hashable, CaseIterable {
    /// Batchwise today: all wait for all, exchange the rows that gradients are computed from, and then the parameters.
    case synchronous
    /// All wait for all and sum their gradients, as most programs do.
    case allReduce = "all-reduce"
    /// As `allReduce`, with more workers than gradients: an update takes the first that arrive [Chen 2016].
    case backup
    /// Workers update parameters of their own, and average them every so many updates [Stich 2019].
    case local
    /// Workers send each gradient to a server of the parameters, which updates at once, and wait for nobody [Dean 2012].
    case asynchronous
}
