import Batchwise
import Testing

@Suite struct BringYourOwnGradientTests {
    @Test func aFunctionOfTheProgramIsMinimised() throws {
        // y = 2 x - 1 with a wave on top, as pairs of numbers that the program holds in any way it likes
        let points = (0..<1_000).map { index -> (x: Double, y: Double) in
            let x = Double(index) / 500 - 1
            return (x, 2 * x - 1 + 0.1 * Double(index % 7 - 3))
        }

        let sgd = MiniBatchSGD(
            batchSize: 20, epochs: 30, learningRate: .constant(0.1).cosine(), optimizer: .sgd(momentum: 0.5), seed: 7)
        var theta = [0.0, 0.0]
        let history = try sgd.minimize(&theta, examples: points.count) { rows, theta, mean in
            var loss = 0.0
            for index in rows.indices {
                let point = points[rows[index]]
                let error = theta[0] * point.x + theta[1] - point.y
                mean[0] += error * point.x / Double(rows.count)
                mean[1] += error / Double(rows.count)
                loss += error * error / 2 / Double(rows.count)
            }
            return loss
        }
        print(theta, history.epochLosses.last ?? 0)
        // the solution of the normal equations
        var (sx, sy, sxx, sxy) = (0.0, 0.0, 0.0, 0.0)
        for point in points {
            sx += point.x / 1_000
            sy += point.y / 1_000
            sxx += point.x * point.x / 1_000
            sxy += point.x * point.y / 1_000
        }
        let slope = (sxy - sx * sy) / (sxx - sx * sx)
        #expect(abs(theta[0] - slope) < 0.05)
        #expect(abs(theta[1] - (sy - slope * sx)) < 0.05)
        #expect(history.updates == 1_500)
    }

    @Test func epochsAreJudgedByOtherExamples() throws {
        let points = (0..<1_000).map { index -> (x: Double, y: Double) in
            let x = Double(index % 97) / 48 - 1
            return (x, 2 * x - 1)
        }
        func gradient(_ rows: Span<Int>, _ theta: Span<Double>, _ mean: inout MutableSpan<Double>) -> Double {
            var loss = 0.0
            for index in rows.indices {
                let point = points[rows[index]]
                let error = theta[0] * point.x + theta[1] - point.y
                mean[0] += error * point.x / Double(rows.count)
                mean[1] += error / Double(rows.count)
                loss += error * error / 2 / Double(rows.count)
            }
            return loss
        }
        func loss(_ rows: Range<Int>, _ theta: Span<Double>) -> Double {
            var sum = 0.0
            for row in rows {
                let error = theta[0] * points[row].x + theta[1] - points[row].y
                sum += error * error / 2
            }
            return sum / Double(rows.count)
        }

        let stopping = EarlyStopping(patience: 3)
        let careful = MiniBatchSGD(
            batchSize: 20, epochs: 100, learningRate: .constant(0.01), optimizer: .adam(), clip: .norm(1),
            earlyStopping: stopping, keptModel: .best(nil), seed: 7)
        var best = [0.0, 0.0]
        try careful.minimize(&best, examples: 800) { rows, theta, mean in
            gradient(rows, theta, &mean)
        } validationLoss: { theta in
            loss(800..<1_000, theta)
        } afterUpdate: { update, theta in
            if update.endsEpoch { print(update.epoch, update.learningRate, update.validation?.loss ?? 0) }
            return update.examples < 50_000 ? .proceed : .stop
        }
        // 62 epochs of 800 and a part, which end on the line itself
        #expect(abs(best[0] - 2) < 0.05 && abs(best[1] + 1) < 0.05)
    }
}
