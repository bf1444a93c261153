import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct CSVNumberTests {
    private func parse(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        return CSVNumber.parse(bytes, 0..<bytes.count)
    }

    @Test(arguments: [
        "0", "-0", "1", "+1", "007", "1.", ".5", "-1.25", "1e3", "1E-3", "1e+3", "0.1",
        "123456789012345678901234567890",
        "9007199254740993", "0.3333333333333333333333", "1e22", "1e23", "1e-22", "1e-23", "2.2250738585072014e-308",
        "4.9e-324", "1.7976931348623157e308", "179769313486231580793e289", "0e999999999999", "8.41", "322.0",
        "5e-1000000000000000000000",
    ])
    func agreesWithTheStandardLibrary(text: String) {
        #expect(parse(text)?.bitPattern == Double(text)?.bitPattern, "\(text)")
    }

    @Test(arguments: [
        "", "-", "+", ".", "e5", "1e", "1e+", "1x", "0x10", "1 2", "--1", "1.2.3", "1,2", "nan", "infinit",
    ])
    func whatIsNoNumber(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func anyDecimalAgreesWithTheStandardLibrary() {
        for seed in 0..<5000 as Range<UInt64> {
            let bits = CounterRandom.mix(seed &+ 17)
            let text = "\(Int64(bitPattern: bits) >> Int64(seed % 60))e\(Int(CounterRandom.mix(bits) % 60) - 30)"
            #expect(parse(text)?.bitPattern == Double(text)?.bitPattern, "\(text)")
            let double = Double(bitPattern: bits)
            if double.isFinite { #expect(parse("\(double)") == double) }
        }
    }

    /// Numbers of every length, before and behind the point, as cells of a column: these are read word by word.
    @Test func columnsAgreeWithTheStandardLibrary() throws {
        var texts: [String] = []
        for seed in 0..<20_000 as Range<UInt64> {
            let bits = CounterRandom.mix(seed &+ 99)
            let zeros = String(repeating: "0", count: Int(bits >> 40 % 4))
            let whole = (zeros + String(CounterRandom.mix(bits))).prefix(Int(bits % 21))
            let places = (zeros + String(CounterRandom.mix(bits &+ 1))).prefix(Int(bits >> 32 % 22))
            let sign = bits & 1 << 60 == 0 ? "" : "-"
            texts.append(sign + (whole.isEmpty && places.isEmpty ? "0" : whole) + (places.isEmpty ? "" : "." + places))
        }
        for separator in [",1\n", " ,1\r\n"] {
            let text = "x,y\n" + texts.joined(separator: separator) + ",1"
            let csv = try CSV(path: "t.csv", bytes: Array(text.utf8), header: true)
            // whole numbers beyond 2^53 are numbers where numbers are wanted
            guard case .numeric(let numbers) = try csv.table(kinds: [.numeric, .skip]).columns[0].values else {
                Issue.record("not numeric")
                return
            }
            for (text, number) in zip(texts, numbers) {
                #expect(number.bitPattern == Double(text)?.bitPattern, "\(text)")
            }
        }
    }

    @Test func infinities() {
        #expect(parse("inf") == .infinity)
        #expect(parse("-Infinity") == -.infinity)
    }
}
