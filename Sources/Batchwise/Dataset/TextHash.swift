/// FNV-1a of 64 bits, a fixed hash: every build and every machine sends a text to the same feature.
///
/// hash = 14695981039346656037; for every byte: hash = (hash xor byte) x 1099511628211 modulo 2^64. See Fowler, Noll,
/// Vo and Eastlake, "The FNV non-cryptographic hash algorithm".
package enum TextHash {
    /// The hash of a text's UTF-8 bytes.
    package static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// The feature, of `features` features, that a text belongs to: the hash modulo `features`.
    package static func place(of text: String, among features: Int) -> Int {
        Int(hash(text) % UInt64(features))
    }
}
