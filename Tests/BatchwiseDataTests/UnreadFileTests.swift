import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Files that hold no table are named for what they are.
@Suite struct UnreadFileTests {
    @Test(arguments: [("input-html.csv", "a web page"), ("input-pointer.csv", "git lfs pull")])
    func cases(name: String, words: String) throws {
        let error = failure { () throws(DataError) in
            try DataFormats.standard.open([fixture("cases/not-a-table/" + name)], Reading())
        }
        #expect(error?.description.contains(words) == true)
    }

    @Test(arguments: [
        ("\n  <HTML lang=en>\n<body>a,b</body>", "a web page"), ("<?xml version=\"1.0\"?><r/>", "an XML file"),
        ("%PDF-1.7\n%\u{1}", "a PDF"), ("GIF89a...", "a GIF"), ("RIFFxxxxWEBPVP8 ", "WebP"), ("{\\rtf1 x}", "RTF"),
        ("BZh91AY", "bzip2"), ("RDX3\nX\n\0\0\0\u{3}", "R workspace"), ("X\n\0\0\0\u{3}", "an R object"),
        ("MATLAB 5.0 MAT-file", "MATLAB"), ("<stata_dta><header>", "Stata"),
    ])
    func textsThatAreNoTables(text: String, words: String) throws {
        #expect(try refusal(text, "t.csv")?.description.contains(words) == true)
    }

    @Test(arguments: [
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] as [UInt8], "save it as .xlsx"),
        ([0x80, 4, 0x95, 1], "pickle"),
        ([0x80, 3, 0x7D], "pickle"), ([0x78, 0x9C, 0x4B, 0x04, 0], "joblib"), ([0x89, 0x48, 0x44, 0x46, 13], "HDF5"),
        ([0x49, 0x49, 0x2A, 0, 8], "TIFF"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"),
        ([0x37, 0x7A, 0xBC, 0xAF], "7z"),
    ])
    func bytesThatAreNoTables(bytes: [UInt8], words: String) throws {
        #expect(try refusal(bytes, "t.csv")?.description.contains(words) == true)
    }

    /// Tables whose first bytes are like those of other formats.
    @Test(arguments: [
        "ORC,b\n1,2\n", "x^y\n1^2\n", "a,<html\n1,2\n", "RDX,b\n1,2\n", "%PDF,b\n1,2\n", "@user,b\n1,2\n",
    ])
    func tablesThatLookLikeOthers(text: String) throws {
        #expect(try read(text, "t.csv").columns.count == 2)
    }

    @Test(arguments: [
        ("-", "standard input"), ("https://example.org/a.csv?x=*", "curl -LO"), ("s3://bucket/a.csv", "address"),
    ])
    func whatIsNoFile(path: String, words: String) {
        let error = failure { () throws(DataError) in try DataFormats.standard.open([path], Reading()) }
        #expect(error?.description.contains(words) == true)
        #expect(FilePattern.refusal(of: "a.csv") == nil && FilePattern.refusal(of: "a.npz:x") == nil)
    }
}
