import ArgumentParser

/// Numbers with commas between them, at most 64, in their order.
struct CommaList<Number: LosslessStringConvertible & Sendable>: FormedArgument, Sendable {
    static var form: String {
        "at most 64 \(Number.self is any BinaryInteger.Type ? "whole numbers, such as 1,2,4" : "numbers, such as 0.1,0.3,1")"
    }

    let numbers: [Number]

    init(_ numbers: [Number]) { self.numbers = numbers }

    init?(form argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Number($0.trimming(" ")) }
        guard numbers.count == parts.count, numbers.count <= 64 else { return nil }
        self.numbers = numbers
    }

    var defaultValueDescription: String { numbers.map(\.description).joined(separator: ",") }
}
