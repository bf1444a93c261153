/// The version of Batchwise.
package enum Version {
    package static let text = "0.4.0"
}
