import Foundation
import Testing

/// Options with extreme values are taken or refused with one line: no signal, no hang, no internal fault.
@Suite struct ExtremeOptionTests {
    private static let values = [
        "-9223372036854775808", "9223372036854775807", "9223372036854775808", "0", "-1", "1", "2147483647",
        "4294967296", "1e-320", "1e300", "1e999", "nan", "inf", "-inf", "0.5", "", "4TiB", "1e300GiB", "~", "[]", "{}",
        "seed=1:0:0:0:0:0:0:0:0:0:0", "learning-rate=1e-320",
        Array(repeating: "a", count: 60_000).joined(separator: ".") + "=1",
        String(repeating: "x", count: 100_000), "9223372036854775807 updates", "1e-320 epochs", "1e300 seconds",
    ]
    /// Commands with one option more, whose value is extreme.
    private static let commands = [
        ["plan", "digits", "--no-measure", "--threads"], ["plan", "digits", "--no-measure", "--micro-batch"],
        ["plan", "digits", "--no-measure", "--accumulation"], ["plan", "digits", "--no-measure", "--memory"],
        ["plan", "digits", "--no-measure", "--data-memory"], ["plan", "digits", "--no-measure", "--loading-threads"],
        ["plan", "digits", "--no-measure", "--paper-workers"], ["plan", "digits", "--no-measure", "--critical-batch"],
        ["plan", "digits", "--no-measure", "--curvature"], ["plan", "digits", "--no-measure", "--set"],
        ["plan", "flowers.csv", "--no-measure", "--target"], ["init", "flowers.csv", "recipe.yaml", "--target"],
        ["data", "convert", "flowers.csv", "flowers.data", "--ignore"],
        ["data", "convert", "flowers.csv", "flowers.data", "--shard-rows"],
        ["train", "flowers.csv", "--target", "kind", "--set", "epochs=1", "--run", "run", "--folds"],
        ["train", "flowers.csv", "--target", "kind", "--set", "epochs=1", "--run", "run", "--checkpoint-every"],
        ["train", "flowers.csv", "--target", "kind", "--set", "epochs=1", "--run", "run", "--keep-checkpoints"],
        ["train", "flowers.csv", "--target", "kind", "--set", "epochs=1", "--run", "run", "--memory"],
        ["measure", "learning-rate", "digits", "--set", "model=linear", "--seeds", "1", "--batches"],
        ["measure", "learning-rate", "digits", "--set", "model=linear", "--batches", "32", "--updates"],
        ["audit", "digits", "--no-kill", "--set", "model=linear", "--set", "batch=512", "--updates"],
    ]
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil

    @Test(arguments: commands) func extremeValues(command: [String]) throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        for value in Self.isSlowWanted ? Self.values : Array(Self.values.prefix(3)) {
            for name in ["run", "recipe.yaml", "flowers.data"] {
                try? FileManager.default.removeItem(at: shop.folder.appendingPathComponent(name))
            }
            let start = ContinuousClock.now
            let outcome = try shop.run(command.dropLast() + ["\(command.last ?? "")=\(value)"])
            #expect([0, 64, 65, 66, 73].contains(outcome.status), "\(value.prefix(60)): \(outcome.errors.prefix(300))")
            if outcome.status != 0 {
                #expect(outcome.errorLines.filter { $0.hasPrefix("batchwise: ") }.count == 1, "\(value.prefix(60))")
            }
            #expect(ContinuousClock.now - start < .seconds(20), "\(value.prefix(60))")
        }
    }

    @Test(arguments: [
        "--target", "--set data.weights", "--set data.ignore", "--set data.split.group", "--set data.columns",
    ])
    func columnsAreNumberedFromOne(option: String) throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        let (name, key) = (option.split(separator: " ")[0], option.split(separator: " ").dropFirst().first)
        for number in ["-9223372036854775808", "9223372036854775807", "0", "-1", "3"] {
            let value = key == "data.columns" ? "{\"\(number)\": log}" : number
            let target = key == nil ? [] : ["--target", "y"]
            let outcome = try shop.run(
                ["train", "prices.csv"] + target + ["\(name)=\(key.map { "\($0)=" } ?? "")\(value)", "--run", "run"])
            #expect(outcome.status == 65 && outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("\"\(number)\""), "\(outcome.errors)")
        }
    }
}
