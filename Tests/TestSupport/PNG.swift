/// A PNG file of 8-bit gray (1 channel) or RGB (3), written without compression and without any library; with EXIF data
/// where there are some.
public func png(height: Int, width: Int, channels: Int = 1, _ pixels: [UInt8], exif: [UInt8] = []) -> [UInt8] {
    precondition(pixels.count == height * width * channels && (channels == 1 || channels == 3))
    var rows: [UInt8] = []
    for row in 0..<height {
        let begin = row * width * channels
        rows += [0] + pixels[begin..<begin + width * channels]
    }
    let header = bigEndian(width) + bigEndian(height) + [8, channels == 1 ? 0 : 2, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        + chunk("IHDR", header) + (exif.isEmpty ? [] : chunk("eXIf", exif)) + chunk("IDAT", stored(rows))
        + chunk("IEND", [])
}

/// EXIF data that tell an orientation, in the byte order of Motorola.
public func exif(orientation: UInt8) -> [UInt8] {
    [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1] + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0] + [0, 0, 0, 0]
}

/// The file with the checksum of every chunk made right, so that what is behind them is reached.
public func withChecksums(_ file: [UInt8]) -> [UInt8] {
    var file = file
    var at = 8
    while at + 12 <= file.count {
        let length = file[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= file.count - at - 12 else { break }
        file.replaceSubrange(at + 8 + length..<at + 12 + length, with: checksum(file[at + 4..<at + 8 + length]))
        at += 12 + length
    }
    return file
}

private func chunk(_ kind: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(kind.utf8) + data
    return bigEndian(data.count) + body + checksum(body[...])
}

/// Deflate's blocks of bytes as they are, in the envelope of zlib.
private func stored(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    for begin in stride(from: 0, to: bytes.count, by: 65535) {
        let block = bytes[begin..<min(begin + 65535, bytes.count)]
        let length = UInt16(block.count)
        result.append(block.endIndex == bytes.count ? 1 : 0)
        for half in [length, ~length] { result += [UInt8(half & 255), UInt8(half >> 8)] }
        result += block
    }
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
        low = (low + UInt32(byte)) % 65521
        high = (high + low) % 65521
    }
    return result + bigEndian(Int(high << 16 | low))
}

/// CRC-32, bit by bit.
private func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var remainder = UInt32.max
    for byte in bytes {
        remainder ^= UInt32(byte)
        for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return bigEndian(Int(~remainder))
}

private func bigEndian(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}
