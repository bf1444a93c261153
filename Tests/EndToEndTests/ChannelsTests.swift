import Foundation
import Testing

/// Arrays of images with their channels first train to the bits of those with their channels last.
@Suite struct ChannelsTests {
    /// 60 colour images of 8x8 pixels: lines that stand, or that lie.
    private static func value(_ image: Int, _ channel: Int, _ y: Int, _ x: Int) -> UInt8 {
        let place = image / 2 % 8
        let isLine = image % 2 == 0 ? x == place : y == place
        let noise = (image * 31 + channel * 17 + y * 7 + x) % 50
        return UInt8(isLine ? 200 + noise : noise)
    }

    private static func npy(_ shape: [Int], _ numbers: [UInt8]) -> [UInt8] {
        let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(lengths)), }"
        header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + numbers
    }

    private static func fill(_ shop: Workshop) throws {
        var (first, last): ([UInt8], [UInt8]) = ([], [])
        for image in 0..<60 {
            for channel in 0..<3 {
                for place in 0..<64 { first.append(value(image, channel, place / 8, place % 8)) }
            }
            for place in 0..<64 {
                for channel in 0..<3 { last.append(value(image, channel, place / 8, place % 8)) }
            }
        }
        try shop.write(npy([60, 3, 8, 8], first), to: "first.npy")
        try shop.write(npy([60, 8, 8, 3], last), to: "last.npy")
        try shop.write(npy([60], (0..<60).map { UInt8($0 % 2) }), to: "y.npy")
    }

    @Test func theOrderOfTheAxesChangesNothing() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let options = [
            "--set", "data.labels=y.npy", "--set", "data.split.test=0.25", "--set", "epochs=5", "--set", "batch.size=8",
            "--set", "optimizer.sgd.momentum=0.9", "--json",
        ]
        let first = try shop.run(["train", "first.npy", "--run", "first"] + options)
        let last = try shop.run(["train", "last.npy", "--run", "last"] + options)
        #expect(try first.hash() == last.hash(), "\(first.errors)")
        #expect(try first.json()["test_accuracy"] as? Double == 1)
        #expect(first.errors.contains("note: first.npy: 3x8x8 is read as images of 8x8 pixels"), "\(first.errors)")
        #expect(!last.errors.contains("note: last.npy"))
        // the negative control: the order that the recipe names
        let kept = try shop.run(["train", "first.npy", "--set", "data.channels=last"] + options)
        #expect(try kept.hash() != last.hash() && !kept.errors.contains("note: first.npy"))
        let named = try shop.run(["train", "first.npy", "--set", "data.channels=first"] + options)
        #expect(try named.hash() == last.hash() && !named.errors.contains("note: first.npy"))

        let answers = try shop.run("predict", "last", "last.npy").lines
        #expect(answers == ["prediction"] + (0..<60).map { "\($0 % 2)" })
        for (run, array) in [("first", "first.npy"), ("first", "last.npy"), ("last", "first.npy")] {
            #expect(try shop.run("predict", run, array).lines == answers)
        }
        let evaluated = try shop.run("evaluate", "first", "first.npy", "--labels", "y.npy", "--json").json()
        #expect(evaluated["accuracy"] as? Double == 1)
    }

    @Test func describeAndConvertSaySo() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let described = try shop.run("data", "describe", "first.npy", "--labels", "y.npy")
        #expect(described.lines.first == "first.npy: an array, 60 examples of the shape 8x8x3", "\(described.errors)")
        #expect(described.lines.last?.hasPrefix("note: first.npy: 3x8x8 is read as images of 8x8 pixels") == true)
        let json = try shop.run("data", "describe", "first.npy", "--labels", "y.npy", "--json").json()
        #expect((json["notices"] as? [String])?.count == 1)
        for name in ["first", "last"] {
            #expect(try shop.run("data", "convert", "\(name).npy", "\(name).data", "--labels", "y.npy").status == 0)
        }
        #expect(try shop.bytes("first.data/features-00000.npy") == shop.bytes("last.data/features-00000.npy"))
    }
}
