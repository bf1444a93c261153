internal import CDigits

extension Dataset {
    /// The 1,797 handwritten digits of 8x8 pixels that come with the library; no file is read.
    ///
    /// Example i is in the test set when `i % 5 == 4`: 1,438 to train with and 359 to test. Both are standardised with
    /// the mean and deviation of the training pixels. Features `[8, 8, 1]`, classes "0" to "9".
    public static func digits() -> (train: Dataset, test: Dataset) {
        var pixels: [UInt8] = []
        var labels: [Int32] = []
        for index in 0..<Int32(cdigits_count) {
            guard let line = cdigits_line(index) else { continue }
            let bytes = UnsafeRawBufferPointer(start: line, count: Int(cdigits_pixels) + 1)
            for byte in bytes.dropLast() {
                let isLetter = byte >= UInt8(ascii: "a")
                pixels.append(isLetter ? byte - UInt8(ascii: "a") + 10 : byte - UInt8(ascii: "0"))
            }
            labels.append(Int32(bytes[Int(cdigits_pixels)] - UInt8(ascii: "0")))
        }
        let training = labels.indices.filter { $0 % 5 != 4 }
        let moments = Moments(counts: Moments.counts(pixels, width: Int(cdigits_pixels), rows: training))
        let all = Dataset(
            checked: labels.count, [8, 8, 1],
            .bytes(pixels, scale: Float(1 / moments.deviation), shift: Float(-moments.mean / moments.deviation)),
            .classes(labels, names: (0...9).map(String.init)), nil)
        return (all.rows(training), all.rows(labels.indices.filter { $0 % 5 == 4 }))
    }
}
