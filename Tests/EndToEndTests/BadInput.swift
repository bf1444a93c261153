import Foundation
import Testing

/// Inputs of measurements that have gone wrong or might: a table, and the options that go with it.
struct BadInput: Sendable, CustomTestStringConvertible {
    var name: String
    /// The lines of rows.csv, the names of the columns first.
    var lines: [String]
    var options: [String] = []
    /// Whether the numbers of the table are themselves far beyond others, so that results may be.
    var isExtreme = false

    var testDescription: String { name }

    /// The source with its options, for any command.
    var source: [String] { ["rows.csv", "--target", "y"] + options }

    private static let count = 60

    /// 60 rows of two features; `row` makes the line of a row of numbers a and b and the number y.
    private static func table(_ row: (Int, Double, Double, Double) -> String) -> [String] {
        ["a,b,y"]
            + (0..<count).map { index in
                let (a, b) = (sin(1.7 * Double(index)), cos(0.9 * Double(index * index)))
                return row(index, a, b, 2 * a - b + 0.2 * sin(5.1 * Double(index)))
            }
    }

    private static let numbers = table { _, a, b, y in "\(a),\(b),\(y)" }
    private static let classes = table { _, a, b, y in "\(a),\(b),\(y > 0 ? "yes" : "no")" }

    private static func set(_ settings: String...) -> [String] { settings.flatMap { ["--set", $0] } }

    /// A cell of column b in every seventh row.
    private static func cells(_ cell: String) -> [String] {
        table { index, a, b, y in "\(a),\(index % 7 == 0 ? cell : "\(b)"),\(y)" }
    }

    /// A cell of the target in every seventh row.
    private static func targets(_ cell: String) -> [String] {
        table { index, a, b, y in "\(a),\(b),\(index % 7 == 0 ? cell : "\(y)")" }
    }

    static let all: [BadInput] = [
        BadInput(name: "one class", lines: table { _, a, b, _ in "\(a),\(b),yes" }),
        BadInput(name: "constant numbers", lines: table { _, a, b, _ in "\(a),\(b),2.5" }),
        BadInput(name: "one example", lines: ["a,b,y", "1.5,2.5,3.5"]),
        BadInput(name: "two examples", lines: ["a,b,y", "1.5,2.5,3.5", "0.5,1.25,-3.5"]),
        BadInput(name: "two classes, two examples", lines: ["a,b,y", "1.5,2.5,yes", "0.5,1.25,no"]),
        BadInput(name: "equal examples", lines: ["a,b,y"] + Array(repeating: "1.5,2.5,3.5", count: 40)),
        BadInput(
            name: "equal gradients", lines: ["a,b,y"] + Array(repeating: "1.5,2.5,3.5", count: 40),
            options: set(
                "model=[{dense: {units: 4, initialisation: he}}, sigmoid, {dense: {units: classes, initialisation: he}}]"
            )),
        BadInput(
            name: "equal examples but one",
            lines: ["a,b,y"] + Array(repeating: "1.5,2.5,yes", count: 39) + ["1.5,2.5,no"]),
        BadInput(name: "batch beyond the data", lines: classes, options: set("batch=5000")),
        BadInput(name: "nan cells", lines: cells("nan")), BadInput(name: "inf cells", lines: cells("inf")),
        BadInput(name: "empty cells", lines: cells("")), BadInput(name: "nan targets", lines: targets("nan")),
        BadInput(name: "inf targets", lines: targets("-inf")), BadInput(name: "empty targets", lines: targets("")),
        BadInput(name: "targets of 1e30", lines: table { _, a, b, y in "\(a),\(b),\(y)e30" }, isExtreme: true),
        BadInput(name: "features of 1e-30", lines: table { _, a, b, y in "\(a)e-30,\(b)e-30,\(y)" }),
        BadInput(name: "features of 1e30", lines: table { _, a, b, y in "\(a)e30,\(b)e30,\(y)" }),
        BadInput(
            name: "one row of 1e30",
            lines: table { index, a, b, y in "\(a),\(b)\(index == 5 ? "e30" : ""),\(y)\(index == 9 ? "e30" : "")" },
            isExtreme: true),
        BadInput(name: "huge rate", lines: classes, options: set("learning-rate=1e12"), isExtreme: true),
        BadInput(name: "linear model", lines: numbers, options: set("model=linear")),
        BadInput(name: "all frozen", lines: numbers, options: set("groups=[{match: \"*\", freeze: true}]")),
        BadInput(
            name: "a frozen layer", lines: numbers,
            options: set("model=[{dense: {units: 4, frozen: true}}, relu, {dense: classes}]")),
        BadInput(
            name: "every layer frozen", lines: numbers, options: set("model=[{dense: {units: classes, frozen: true}}]")),
        BadInput(
            name: "normalised over the batch", lines: numbers,
            options: set("model=[{dense: 4}, {batch-norm: batch}, relu, {dense: classes}]")),
        BadInput(
            name: "ghost batches", lines: numbers,
            options: set("model=[{dense: 4}, {batch-norm: {ghost: 8}}, relu, {dense: classes}]")),
        BadInput(
            name: "dropout", lines: numbers,
            options: set("model=[{dense: 16}, relu, {dropout: 0.9}, {dense: classes}]")),
        BadInput(
            name: "weights of 0", lines: numbers,
            options: set(
                "model=[{dense: {units: 4, initialisation: zeros}}, relu, {dense: {units: classes, initialisation: zeros}}]"
            )),
        BadInput(name: "no layer with parameters", lines: numbers, options: set("model=[relu]")),
        BadInput(name: "batches of 1", lines: numbers, options: set("batch=1")),
        BadInput(
            name: "bfloat16", lines: numbers,
            options: set("precision=bfloat16", "model=[{dense: 32}, relu, {dense: classes}]")),
        BadInput(
            name: "a class of one example",
            lines: table { index, a, b, y in "\(a),\(b),\(index == 7 ? "rare" : y > 0 ? "yes" : "no")" }),
    ]
}
