import ArgumentParser
import BatchwiseExperiments

/// A time as people write it: 50us, 1.5ms, 0.002s; without a unit seconds.
struct ShortTime: FormedArgument {
    static var form: String { "a time such as 50us, 1.5ms or 0.002s" }

    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(form argument: String) {
        guard let (number, unit) = numberAndUnit(argument),
            let factor = ["": 1, "s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9][unit]
        else { return nil }
        seconds = number * factor
        guard seconds >= 0, seconds <= 1e6 else { return nil }
    }

    var defaultValueDescription: String { shortTime(seconds).filter { $0 != " " } }
}

/// A rate of data as people write it: 1Gbit, 100Mbit, 12.5GB; a number alone is bytes a second.
struct Bandwidth: FormedArgument {
    static var form: String { "bits or bytes a second such as 1Gbit, 100Mbit or 12.5GB" }

    let bytesPerSecond: Double

    init(gigabits: Double) { bytesPerSecond = 125e6 * gigabits }

    init?(form argument: String) {
        let units: [String: Double] = [
            "": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30,
            "bit": 0.125, "kbit": 125, "mbit": 125e3, "gbit": 125e6, "tbit": 125e9,
        ]
        let plain = argument.hasSuffix("/s") ? String(argument.dropLast(2)) : argument
        guard let (number, unit) = numberAndUnit(plain), let factor = units[unit.lowercased()] else { return nil }
        bytesPerSecond = number * factor
        guard bytesPerSecond >= 1, bytesPerSecond <= 1e18 else { return nil }
    }

    var defaultValueDescription: String { "\(significant(bytesPerSecond / 125e6))Gbit" }
}

/// The spread of the times of workers: 0.1, lognormal:0.1, exponential:0.1.
struct StragglerOption: FormedArgument {
    static var form: String {
        "a spread from 0 to 10 such as 0.1 or lognormal:0.1, or from 0 to 1 as in exponential:0.1"
    }

    let value: Stragglers

    init(_ value: Stragglers) { self.value = value }

    init?(form argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard let spread = parts.last.flatMap({ Double($0) }), spread >= 0, spread <= 10, parts.count <= 2 else {
            return nil
        }
        switch parts.count == 2 ? parts[0] : "lognormal" {
        case "lognormal": value = spread == 0 ? .none : .lognormal(spread)
        case "exponential" where spread <= 1: value = spread == 0 ? .none : .exponential(spread)
        default: return nil
        }
    }

    var defaultValueDescription: String { "0" }
}

/// Numbers of workers with commas between them, in any order; "..." goes on by the factor of the two numbers before it.
struct WorkerCounts: FormedArgument {
    static var form: String {
        "at most 64 numbers from 1 to \(ClusterLimit.most) such as 1,2,4,8 or 1,2,4,...,1024"
    }

    let numbers: [Int]

    /// 1, 2, 4 and so on, and the most.
    init() { numbers = (0..<17).map { 1 << $0 } + [ClusterLimit.most] }

    init?(form argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimming(" ") }
        var numbers: [Int] = []
        for (place, part) in parts.enumerated() {
            if part == "..." {
                guard numbers.count > 1, place + 1 < parts.count, let last = Int(parts[place + 1]) else { return nil }
                let (before, factor) = (
                    numbers[numbers.count - 1], numbers[numbers.count - 1] / numbers[numbers.count - 2]
                )
                guard factor > 1, last <= ClusterLimit.most else { return nil }
                var next = before * factor
                while next < last {
                    numbers.append(next)
                    next *= factor
                }
                continue
            }
            guard let number = Int(part), (1...ClusterLimit.most).contains(number) else { return nil }
            numbers.append(number)
        }
        guard (1...64).contains(numbers.count) else { return nil }
        self.numbers = Set(numbers).sorted()
    }

    var defaultValueDescription: String { "1,2,4,...,100000" }
}

/// "50us" as 50 and "us".
private func numberAndUnit(_ text: String) -> (Double, String)? {
    if let number = Double(text), number.isFinite { return (number, "") }
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
    guard let number = Double(digits), number.isFinite else { return nil }
    return (number, text.dropFirst(digits.count).trimming(" "))
}
