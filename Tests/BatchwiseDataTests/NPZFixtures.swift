/// NPZ files of NumPy 2.4 and Python's zipfile.
enum NPZFixtures {
    /// `numpy.savez(f, x=numpy.arange(6, dtype="u1").reshape(3, 2), y=numpy.array([0, 1, 1], dtype="<i8"))`.
    static let plain = NPYFixtures.bytes(
        """
        UEsDBC0AAAAAAAAAIQAb+n1h//////////8FABQAeC5ucHkBABAAhgAAAAAAAACGAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzog
        J3x1MScsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAg
        ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAECAwQFUEsDBC0AAAAAAAAAIQAUR51k//////////8FABQAeS5ucHkB
        ABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFw
        ZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAA
        AAAAAAABAAAAAAAAAAEAAAAAAAAAUEsBAi0DLQAAAAAAAAAhABv6fWGGAAAAhgAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsB
        Ai0DLQAAAAAAAAAhABRHnWSYAAAAmAAAAAUAAAAAAAAAAAAAAIABvQAAAHkubnB5UEsFBgAAAAACAAIAZgAAAIwBAAAAAA==
        """)

    /// `numpy.savez_compressed(f, ...)` with x_train = arange(8, dtype="<f4").reshape(4, 2), y_train = [0, 1, 0, 1] (u1),
    /// x_test = arange(4).reshape(2, 2) + 10 and y_test = [1, 0].
    static let keras = NPYFixtures.bytes(
        """
        UEsDBC0AAAAIAAAAIQBFrKRk//////////8LABQAeF90cmFpbi5ucHkBABAAoAAAAAAAAABaAAAAAAAAAJvsF+obEMnIUMZQrZ6S
        WpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6CkaaOgq1CmQDLgYwaLAHEg5ABMQNQLwAiA8A8QMH
        AFBLAwQtAAAACAAAACEAigDmhP//////////CwAUAHlfdHJhaW4ubnB5AQAQAIQAAAAAAAAASAAAAAAAAACb7BfqGxDJyFDGUK2e
        klqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RomOpo6CrUKFAAuBkYGRgBQSwMELQAAAAgAAAAhAAJW
        8s///////////woAFAB4X3Rlc3QubnB5AQAQAJAAAAAAAAAAUwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZf
        VFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgpGmjoKtQpkAy4GBgVHBgYDIHYA4gBHAFBLAwQtAAAACAAAACEATmNrsf//////
        ////CgAUAHlfdGVzdC5ucHkBABAAggAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59f
        lJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC5GBgBQSwECLQMtAAAACAAAACEARaykZFoAAACgAAAACwAAAAAAAAAAAAAAgAEA
        AAAAeF90cmFpbi5ucHlQSwECLQMtAAAACAAAACEAigDmhEgAAACEAAAACwAAAAAAAAAAAAAAgAGXAAAAeV90cmFpbi5ucHlQSwEC
        LQMtAAAACAAAACEAAlbyz1MAAACQAAAACgAAAAAAAAAAAAAAgAEcAQAAeF90ZXN0Lm5weVBLAQItAy0AAAAIAAAAIQBOY2uxRgAA
        AIIAAAAKAAAAAAAAAAAAAACAAasBAAB5X3Rlc3QubnB5UEsFBgAAAAAEAAQA4gAAAC0CAAAAAA==
        """)

    /// x = arange(3, dtype="u1"), deflated into a stream that cannot seek: the sizes stand behind the data.
    static let streamed = NPYFixtures.bytes(
        """
        UEsDBBQACAAIAAAAIQAAAAAAAAAAAAAAAAAFAAAAeC5ucHmb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SS
        ChJ3S8wpTgWKF2ckFqQC+RrGOpo6CrUKFAAuBkYmAFBLBwhI6mbsRwAAAIMAAABQSwECFAMUAAgACAAAACEASOpm7EcAAACDAAAA
        BQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwUGAAAAAAEAAQAzAAAAegAAAAAA
        """)

    /// The archive `plain` with the records that archives of more than 4 GiB have; `numpy.load` reads it too.
    static let zip64: [UInt8] = {
        func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }
        let end = plain.count - 22
        var record: [UInt8] = [0x50, 0x4B, 6, 6] + bytes(UInt64(44)) + [45, 0, 45, 0] + bytes(UInt64(0))
        for number in [2, 2, 102, 396] as [UInt64] { record += bytes(number) }
        let locator = [0x50, 0x4B, 6, 7] + bytes(UInt32(0)) + bytes(UInt64(end)) + bytes(UInt32(1))
        return plain[..<end] + record + locator + [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
            + [UInt8](repeating: 0xFF, count: 12) + [0, 0]
    }()

    /// An archive of one stored member, `x.npy`, whose headers and checksum are right whatever its bytes are.
    static func archive(of member: [UInt8]) -> [UInt8] {
        var checksum = UInt32.max
        for byte in member {
            checksum ^= UInt32(byte)
            for _ in 0..<8 { checksum = checksum & 1 == 0 ? checksum >> 1 : checksum >> 1 ^ 0xEDB8_8320 }
        }
        func bytes(_ numbers: UInt32...) -> [UInt8] {
            numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
        }
        let size = UInt32(member.count)
        // Version, flags, method, time and date; checksum and sizes; the lengths of name and extra fields.
        let common = [20, 0, 0, 0, 0, 0, 0, 0, 33, 0] + bytes(~checksum, size, size) + [5, 0, 0, 0]
        let name = Array("x.npy".utf8)
        let local = [0x50, 0x4B, 3, 4] + common + name + member
        let list = [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 14) + name
        return local + list + [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0]
            + bytes(UInt32(list.count), UInt32(local.count)) + [0, 0]
    }
}
