import CKernels
import Testing

@testable import Batchwise

@Suite struct ChecksumTests {
    /// The same function in plain Swift, one word at a time.
    private func plain(_ bytes: [UInt8], before: UInt64) -> UInt64 {
        let constants: [UInt64] = [
            0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93, 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db,
        ]
        func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let product = a.multipliedFullWidth(by: b)
            return product.high ^ product.low
        }
        func word(_ first: Int) -> UInt64 {
            var word: UInt64 = 0
            for place in 0..<8 where first + place < bytes.count {
                word |= UInt64(bytes[first + place]) << UInt64(8 * place)
            }
            return word
        }
        var sum = mix(before ^ constants[0], UInt64(bytes.count) ^ constants[1])
        for lane in 0..<4 {
            var value = before ^ constants[3 - lane]
            for block in 0...bytes.count / 64 {
                let first = 64 * block + 16 * lane
                value = mix(value ^ word(first), constants[lane] ^ word(first + 8))
            }
            sum = mix(sum ^ value, constants[lane])
        }
        return sum
    }

    @Test func theKernelIsThePlainLoop() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 >> 3) }
        for count in 0...bytes.count {
            for before in [UInt64(0), 1, .max] {
                let part = Array(bytes[..<count])
                #expect(
                    part.withUnsafeBytes { bw_checksum($0.baseAddress, count, before) } == plain(part, before: before))
            }
        }
    }

    /// Every bit counts, and so do pairs of the highest bits of words, which are the signs of numbers.
    @Test func changesAreSeen() {
        let numbers = (0..<96).map { Float($0) * 0.37 }
        func checksum(_ numbers: [Float]) -> UInt64 {
            var sum = Checksum()
            sum.add(numbers)
            return sum.value
        }
        var seen: Set<UInt64> = [checksum(numbers)]
        for place in numbers.indices {
            for bit in 0..<32 {
                var other = numbers
                other[place] = Float(bitPattern: other[place].bitPattern ^ 1 << bit)
                #expect(seen.insert(checksum(other)).inserted)
            }
            for second in numbers.indices where second > place {
                var other = numbers
                other[place] = -other[place]
                other[second] = -other[second]
                if numbers[place] != 0 { #expect(seen.insert(checksum(other)).inserted, "\(place) and \(second)") }
                other = numbers
                other.swapAt(place, second)
                #expect(seen.insert(checksum(other)).inserted, "\(place) and \(second)")
            }
        }
    }

    @Test func cutsAndLengthsCount() {
        func checksum(_ parts: [[UInt8]]) -> String {
            var sum = Checksum()
            for part in parts { sum.add(part) }
            return sum.text
        }
        let texts = [[[1, 2]], [[1], [2]], [[1, 2, 0]], [[], [1, 2]], [], [[]], [[0]]].map { checksum($0) }
        #expect(Set(texts).count == texts.count)
        #expect(texts.allSatisfy { $0.count == 16 })
    }
}

@Suite struct DatasetChecksumsTests {
    private static let features: [Float] = (0..<60).map { Float($0) / 7 }
    private static let classes = (0..<20).map { $0 % 2 }

    private func checksums(
        _ features: [Float] = features, _ classes: [Int] = classes, names: [String] = ["a", "b"],
        weights: [Float]? = nil
    ) throws -> DatasetChecksums {
        try DatasetChecksums(
            Dataset(features: features, shape: [3], classes: classes, names: names, weights: weights))
    }

    @Test func thePartThatDiffersIsNamed() throws {
        let first = try checksums()
        #expect(try checksums().differences(from: first) == [])
        var features = Self.features
        features[7] = -features[7]
        #expect(try checksums(features).differences(from: first) == ["features"])
        var classes = Self.classes
        classes.swapAt(0, 1)
        #expect(try checksums(Self.features, classes).differences(from: first) == ["labels"])
        #expect(try checksums(names: ["a", "c"]).differences(from: first) == ["class names"])
        let ones = [Float](repeating: 1, count: 20)
        let weighted = try checksums(weights: ones)
        #expect(weighted.differences(from: first) == ["weights"])
        #expect(try checksums(weights: [2] + ones.dropFirst()).differences(from: weighted) == ["weights"])
        #expect(try checksums(features, classes).differences(from: first) == ["features", "labels"])
        let fewer = try checksums(Array(Self.features.dropLast(3)), Array(Self.classes.dropLast()))
        #expect(fewer.differences(from: first) == ["number (19 and not 20)"])
        func amounts(_ values: [Float]) throws -> DatasetChecksums {
            try DatasetChecksums(Dataset(features: Self.features, shape: [3], values: values))
        }
        let values = (0..<20).map { Float($0) }
        let swapped = [values[1], values[0]] + values.dropFirst(2)
        #expect(try amounts(swapped).differences(from: amounts(values)) == ["targets"])
    }

    @Test func everyKindOfFeaturesIsRead() throws {
        func sparse(_ value: Float, _ column: Int32) throws -> DatasetChecksums {
            let rows = try SparseRows(starts: [0, 1, 2], columns: [0, column], values: [1, value], width: 4)
            return try DatasetChecksums(Dataset(sparse: rows, classes: [0, 1]))
        }
        #expect(try sparse(2, 1).differences(from: sparse(2, 1)) == [])
        #expect(try sparse(2, 2).differences(from: sparse(2, 1)) == ["features"])
        #expect(try sparse(3, 1).differences(from: sparse(2, 1)) == ["features"])
        func bytes(_ last: UInt8, scale: Float = 1) throws -> DatasetChecksums {
            try DatasetChecksums(
                Dataset(bytes: [1, 2, 3, last], shape: [2], scale: scale, shift: 0, classes: [0, 1]))
        }
        #expect(try bytes(4).differences(from: bytes(4)) == [])
        #expect(try bytes(5).differences(from: bytes(4)) == ["features"])
        #expect(try bytes(4, scale: 2).differences(from: bytes(4)) == ["features"])
    }

    /// The features of a program's own rows are not compared; their labels are.
    @Test func ownRowsAreComparedByTheirLabels() throws {
        func own(_ number: Float, _ labels: [Int32]) throws -> DatasetChecksums {
            try DatasetChecksums(
                Dataset(count: 2, shape: [1], targets: .classes(labels, names: ["a", "b"])) { buffer, rows in
                    for place in rows.indices { buffer[place] = number }
                })
        }
        #expect(try own(1, [0, 1]).differences(from: own(2, [0, 1])) == [])
        #expect(try own(1, [0, 1]).differences(from: own(1, [1, 0])) == ["labels"])
    }
}
