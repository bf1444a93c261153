import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

/// Predictions for clusters, against closed forms.
@Suite struct ClusterModelTests {
    /// 1,000 parameters and 50 numbers an example; 1 ms and 10 us an example.
    static func model(
        _ network: Network = .none, _ stragglers: Stragglers = .none,
        _ scaling: ClusterModel.Scaling = .weak(batch: 32),
        goal: ClusterModel.Goal? = nil
    ) -> ClusterModel {
        ClusterModel(
            time: TimeOfUpdate(seconds: 1e-3, secondsPerExample: 1e-5),
            traffic: UpdateTraffic(name: "model", rowFloats: 50, gradientFloats: 1_000),
            network: network, stragglers: stragglers, scaling: scaling, goal: goal)
    }

    static let counts = [1, 2, 3, 7, 64, 1_000, 100_000]

    @Test(arguments: ClusterWay.allCases)
    func withoutNetworkAndStragglersWeakScalingIsPerfect(way: ClusterWay) {
        var model = Self.model()
        model.backupShare = 0
        for count in Self.counts {
            let point = model.point(way, workers: count)
            #expect(abs(point.efficiency - 1) < 1e-12, "\(way) \(count)")
            #expect(point.secondsToGoal == nil)
        }
        // as a negative control, a network is felt
        let felt = Self.model(Network(latency: 1e-4, bandwidth: 1e8)).point(way, workers: 64)
        #expect(felt.efficiency < 0.99)
    }

    @Test func strongScalingLosesTheFixedPart() {
        let model = Self.model(.none, .none, .strong(batch: 1_024))
        let point = model.point(.synchronous, workers: 64)
        #expect(point.batch == 1_024 && point.share == 16)
        #expect(abs(point.secondsPerUpdate - (1e-3 + 16e-5)) < 1e-15)
        #expect(abs(point.efficiency - 11.24e-3 / 64 / 1.16e-3) < 1e-12)
        #expect(model.point(.synchronous, workers: 5_000).share == 1)
    }

    @Test func collectivesHaveTheirClosedForms() {
        let ring = Network(latency: 2e-5, bandwidth: 1e9, algorithm: .ring)
        #expect(abs(ring.allReduce(8e6, workers: 16) - (30 * 2e-5 + 2 * 15 / 16.0 * 8e6 / 1e9)) < 1e-15)
        #expect(abs(ring.allGather(8e6, workers: 16) - (15 * 2e-5 + 15 / 16.0 * 8e6 / 1e9)) < 1e-15)
        let doubling = Network(latency: 2e-5, bandwidth: 1e9, algorithm: .doubling)
        #expect(abs(doubling.allGather(8e6, workers: 9) - (4 * 2e-5 + 8 / 9.0 * 8e6 / 1e9)) < 1e-15)
        let free = Network(latency: 0, bandwidth: 1e9, algorithm: .bySize)
        #expect(abs(free.allReduce(1e6, workers: 100_000) - 2 * 0.99999 * 1e-3) < 1e-12)
        #expect(free.allReduce(1e6, workers: 1) == 0)
        // the rule of sizes
        let bySize = Network(latency: 1, bandwidth: .infinity)
        #expect(bySize.allGather(524_287, workers: 1_024) == 10 && bySize.allGather(524_288, workers: 1_024) == 1_023)
    }

    /// The engine's ways move 4 P bytes of sums from worker to worker, or 4 B rows of all workers where those are fewer,
    /// and 4 P bytes of parameters; the sum of gradients moves 8 P.
    @Test func updatesLastAsLongAsTheirMessages() {
        let network = Network(latency: 0, bandwidth: 1e8)
        let model = Self.model(network)
        let alone = 1e-3 + 32e-5
        let handed = model.point(.synchronous, workers: 64)
        #expect(abs(handed.secondsPerUpdate - alone - (63 + 2 * 63 / 64.0) * 4_000 / 1e8) < 1e-8)
        var narrow = model
        narrow.traffic = UpdateTraffic(name: "model", rowFloats: 0, gradientFloats: 1_000)
        narrow.traffic.replaceLayers(rowFloats: 1, gradientFloats: 200_000)
        let gathered = narrow.point(.synchronous, workers: 64)
        #expect(abs(gathered.secondsPerUpdate - alone - 63 / 64.0 * 4 * (64 * 32 + 200_000) / 1e8) < 1e-15)
        let reduced = model.point(.allReduce, workers: 64)
        #expect(abs(reduced.secondsPerUpdate - alone - 2 * 63 / 64.0 * 4_000 / 1e8) < 1e-15)
        var local = model
        local.localUpdates = 10
        let averaged = local.point(.local, workers: 64)
        #expect(abs(averaged.secondsPerUpdate - alone - 2 * 63 / 64.0 * 4_000 / 1e9) < 1e-15)
        local.localUpdates = 1
        #expect(local.point(.local, workers: 64) == reduced)
    }

    @Test func anExponentialTailCostsHarmonicNumbers() {
        var model = Self.model(.none, .exponential(0.2))
        let sum = (1...20).reduce(0.0) { $0 + 1 / Double($1) }
        let waited = model.point(.synchronous, workers: 20)
        #expect(abs(waited.secondsPerUpdate - 1.32e-3 * (0.8 + 0.2 * sum)) < 1e-12)
        model.backupShare = 0.1
        let backed = model.point(.backup, workers: 20)
        #expect(backed.batch == 18 * 32)
        #expect(abs(backed.secondsPerUpdate - 1.32e-3 * (0.8 + 0.2 * (sum - 1.5))) < 1e-12)
        // nobody waits without a barrier
        #expect(abs(model.point(.asynchronous, workers: 20).efficiency - 1) < 1e-12)
    }

    @Test func theParameterServerLimitsAsynchronousUpdates() {
        let model = Self.model(Network(latency: 1e-4, bandwidth: 1e8))
        let few = model.point(.asynchronous, workers: 4)
        #expect(abs(few.secondsPerUpdate - (1.32e-3 + 2e-4 + 8e-5) / 4) < 1e-12)
        let many = model.point(.asynchronous, workers: 10_000)
        #expect(abs(many.secondsPerUpdate - 4e-5) < 1e-12)
        #expect(many.losses.max { $0.factor < $1.factor }?.cause == .server)
    }

    /// updates = S_min (1 + B_c / B), and every factor of the efficiency has its cause.
    @Test func theGoalFollowsTheCriticalBatch() throws {
        let goal = ClusterModel.Goal(criticalBatch: 640, updates: 2_100, batch: 32)
        #expect(abs(goal.fewestUpdates - 100) < 1e-9)
        let model = Self.model(goal: goal)
        let point = model.point(.synchronous, workers: 20)
        #expect(point.batch == 640)
        #expect(abs(try #require(point.updates) - 200) < 1e-9)
        #expect(abs(try #require(point.secondsToGoal) - 200 * 1.32e-3) < 1e-12)
        // (B_1 + B_c) / (B + B_c)
        #expect(abs(try #require(point.goalEfficiency) - 672 / 1_280.0) < 1e-12)
        for scaling in [ClusterModel.Scaling.weak(batch: 32), .strong(batch: 512)] {
            let whole = Self.model(Network(latency: 1e-5, bandwidth: 1e8), .lognormal(0.3), scaling, goal: goal)
            for way in ClusterWay.allCases {
                for count in [1, 40, 3_000] {
                    let point = whole.point(way, workers: count)
                    let product = point.losses.reduce(1) { $0 * $1.factor }
                    let efficiency = try #require(point.goalEfficiency)
                    #expect(abs(product * efficiency - 1) < 1e-9, "\(way) \(count) \(scaling)")
                }
            }
        }
    }

    /// The rate that stale gradients leave is that of `DelayedGradients`, which is simulated.
    @Test func staleGradientsTakeMoreUpdates() throws {
        for delay in [0, 1, 2, 16] {
            let limit = try DelayedGradients(delay: delay, curvature: 1).limit
            #expect(abs(2 * ClusterModel.rateShare(staleness: Double(delay)) - limit) < 1e-12)
        }
        // a small rate is best for small batches anyway
        #expect(ClusterModel.staleUpdates(staleness: 3, batch: 10, criticalBatch: 1_000) == 1)
        let share = sin(Double.pi / 14)
        let late = ClusterModel.staleUpdates(staleness: 3, batch: 1e9, criticalBatch: 1)
        #expect(abs(late - 1 / (share * (2 - share))) < 1e-6)
    }

    @Test func theLimitIsNamed() {
        let goal = ClusterModel.Goal(criticalBatch: 640, updates: 2_100, batch: 32)
        let critical = ClusterLimit(Self.model(goal: goal), .synchronous)
        // 672 / (32 K + 640) < 1/2 from K = 23 on
        #expect(critical.half == 23 && critical.cause == .criticalBatch && critical.halfEfficiency == nil)
        #expect(critical.fastest.workers == ClusterLimit.most)
        let network = ClusterLimit(Self.model(Network(latency: 0, bandwidth: 1e7), goal: goal), .synchronous)
        #expect(network.cause == .network && (network.half ?? 0) < 23)
        let slow = ClusterLimit(Self.model(.none, .exponential(1)), .allReduce)
        // H_3 = 11 / 6, H_4 = 25 / 12
        #expect(slow.half == 4 && slow.cause == .stragglers)
        let strong = ClusterLimit(Self.model(.none, .none, .strong(batch: 1_024)), .synchronous)
        #expect(strong.cause == .fixedPart)
        let free = ClusterLimit(Self.model(), .synchronous)
        #expect(free.half == nil && free.halfEfficiency == nil)
    }
}
