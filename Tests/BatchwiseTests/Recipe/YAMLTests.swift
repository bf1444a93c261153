import Foundation
import TestSupport
import Testing

@testable import Batchwise

/// YAML as recipes hold it: the core schema of YAML 1.2, and limits that hold while the text is read.
@Suite struct YAMLTests {
    /// Scalars of the core schema (YAML 1.2.2, 10.3.2), and texts that YAML 1.1 takes for numbers or truth values.
    @Test(arguments: [
        ("010", RecipeValue.int(10)), ("0o17", .int(15)), ("0x1F", .int(31)), ("-0", .int(0)), ("+7", .int(7)),
        ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .double(0x1p63)), ("1.", .double(1)), (".5", .double(0.5)), ("1e3", .double(1000)),
        ("-1.5E-2", .double(-0.015)), ("1e400", .double(.infinity)), ("-.inf", .double(-.infinity)),
        ("+.INF", .double(.infinity)), ("~", .null), ("Null", .null), ("TRUE", .bool(true)), ("False", .bool(false)),
        ("1:30", .string("1:30")), ("1:0:0:0:0:0:0:0:0:0:0", .string("1:0:0:0:0:0:0:0:0:0:0")),
        ("1_000", .string("1_000")), ("0b11", .string("0b11")), ("yes", .string("yes")), ("No", .string("No")),
        ("on", .string("on")), ("0x-1", .string("0x-1")), ("0o8", .string("0o8")), ("1e", .string("1e")),
        (".", .string(".")), ("+", .string("+")), ("1.2.3", .string("1.2.3")), ("nan", .string("nan")),
        ("\"010\"", .string("010")), ("'true'", .string("true")), ("2024-03-01", .string("2024-03-01")),
    ])
    func scalars(text: String, value: RecipeValue) throws {
        #expect(try RecipeValue(yaml: text) == value)
        #expect(try RecipeValue(yaml: "[\(text)]") == .list([value]))
        #expect(try RecipeValue(yaml: RecipeValue.list([value]).yaml()) == .list([value]))
    }

    @Test func notANumberIsNotANumber() throws {
        guard case .double(let number) = try RecipeValue(yaml: ".nan") else {
            Issue.record("no number")
            return
        }
        #expect(number.isNaN)
    }

    @Test func anchorsStandForTheirValues() throws {
        let value = try RecipeValue(yaml: "a: &x {b: [1, 2]}\nc: [*x, &y three, *y]\nd: &x 4\ne: *x\n")
        let map = RecipeValue.map([.init("b", .list([.int(1), .int(2)]))])
        #expect(
            value
                == .map([
                    .init("a", map), .init("c", .list([map, .string("three"), .string("three")])), .init("d", .int(4)),
                    .init("e", .int(4)),
                ]))
    }

    @Test(arguments: [
        ("? [a, b]\n: 1", "line 1, column 3: a key is a text"),
        ("a: &a 1\n? *a\n: 1", "line 2, column 3: a key is a text"),
        ("&a b: 1", "line 1, column 1: a key is a text"), ("a: !!python/object x", "line 1, column 4: tags such as"),
        ("a: !!int \"5\"", "tags such as"), ("a: *b", "line 1, column 4: no value before it has the name &b"),
        ("a: &a [*a]", "no value before it has the name &a"), ("a: 1\n---\nb: 2", "a second document begins"),
        ("{a: 1, b: 2, a: 3}", "line 1, column 14: the key a stands twice"), ("# nothing\n", "the file is empty"),
        ("a: [1", "not valid YAML: line "), ("a: \u{1}", "line 1"), ("a: 'b", "line 1"),
        ("%YAML 9.9\n---\na: 1", "line 1"),
    ])
    func mistakesSayWhere(text: String, message: String) {
        let error = #expect(throws: RecipeError.self) { try RecipeValue(yaml: text) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    /// Texts that would be large as values.
    private static let large = [
        "aliases of aliases in a key": (1...9).reduce("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n") { yaml, level in
            let one = "*a\(level - 1)"
            return yaml + "a\(level): &a\(level) [\(Array(repeating: one, count: 10).joined(separator: ","))]\n"
        } + "? *a9\n: 1\n",
        "a long list": "[" + String(repeating: "1,", count: 4_000_000) + "]",
        "nested lists": String(repeating: "[", count: 1_000_000),
        "nested maps": String(repeating: "{a: ", count: 100_000),
        "nested blocks": String(repeating: "- ", count: 100_000),
        "nested aliases": "a0: &a0 []\n" + (1...100).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined(),
    ]

    /// They are refused while they are read.
    @Test(arguments: large.keys.sorted()) func largeTextsAreRefusedAtOnce(name: String) throws {
        let text = try #require(Self.large[name])
        let start = secondsOfThread()
        let error = #expect(throws: RecipeError.self) { try RecipeValue(yaml: text) }
        #expect(error?.description.contains("not valid YAML: line ") == true)
        #expect(secondsOfThread() - start < 5)
    }

    /// Time grows with the number of keys, not with its square: 99,000 keys took 17 seconds.
    @Test func manyKeysTakeLinearTime() throws {
        let text = "data:\n" + (0..<99_000).map { "  k\($0): 1\n" }.joined()
        let start = secondsOfThread()
        #expect(throws: RecipeError.self) { try Recipe(yaml: text) }
        #expect(secondsOfThread() - start < 10)
        let (value, twice) = (try RecipeValue(yaml: text), text + "  k500: 2\n")
        guard case .map(let entries)? = value["data"] else {
            Issue.record("no map")
            return
        }
        #expect(entries.count == 99_000)
        #expect(throws: RecipeError.self) { try RecipeValue(yaml: twice) }
    }

    @Test(arguments: ["seed: 1:30", "seed: 1:0:0:0:0:0:0:0:0:0:0", "epochs: 0:3", "seed: 1_000"])
    func textsAreNoNumbers(yaml: String) {
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: yaml) }
        #expect(error?.description.contains("expected a whole number") == true)
    }

    @Test func aLeadingZeroIsDecimal() throws { #expect(try Recipe(yaml: "seed: 010").seed == 10) }
}
