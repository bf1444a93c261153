"""Writes images.json: small PNG and JPEG files with the pixels that must come out of them.

Usage: python make-images.py [OUTPUT]      (needs Pillow, for the JPEG files)

PNG files are written here byte by byte, so what must come out is known without a decoder. The pixels of JPEG files are
those that Pillow decodes, and the pixels of files with EXIF data those that Pillow turns upright.
"""

import base64
import io
import json
import pathlib
import struct
import sys
import zlib

from PIL import Image, ImageOps

HEIGHT, WIDTH = 5, 11
PASSES = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def value(y, x, channel, depth):
    """Any sample of so many bits."""
    return (y * 7919 + x * 104729 + channel * 1299709 + y * x * 31) % (1 << depth)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def row_bytes(samples, depth):
    if depth == 16:
        return b"".join(struct.pack(">H", sample) for sample in samples)
    bits = "".join(format(sample, f"0{depth}b") for sample in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def filtered(row, above, kind, unit):
    """A row as filter `kind` of the PNG specification writes it."""
    out = bytearray([kind])
    for at, byte in enumerate(row):
        left = row[at - unit] if at >= unit else 0
        up = above[at]
        corner = above[at - unit] if at >= unit else 0
        estimate = left + up - corner
        nearest = min((left, up, corner), key=lambda other: abs(estimate - other))
        guess = [0, left, up, (left + up) // 2, nearest][kind]
        out.append((byte - guess) % 256)
    return bytes(out)


def png(samples, color, depth, interlaced=False, extra=b"", behind=b""):
    """samples[y][x] is a tuple of the samples of a pixel; extra chunks stand before the pixels or behind them."""
    height, width = len(samples), len(samples[0])
    unit = max(1, len(samples[0][0]) * depth // 8)
    data = b""
    for y0, x0, dy, dx in PASSES if interlaced else [(0, 0, 1, 1)]:
        above = None
        for number, y in enumerate(range(y0, height, dy)):
            pixels = [samples[y][x] for x in range(x0, width, dx)]
            if not pixels:
                continue
            row = row_bytes([sample for pixel in pixels for sample in pixel], depth)
            data += filtered(row, above or bytes(len(row)), number % 5, unit)
            above = row
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    pixels = chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + pixels + behind + chunk(b"IEND", b"")


def eight_bits(sample, depth):
    top = (1 << depth) - 1
    return (sample * 255 * 2 + top) // (2 * top)


def direct(name, color, depth, interlaced=False, extra=b""):
    """An image whose samples are what they say."""
    count = {0: 1, 2: 3, 4: 2, 6: 4}[color]
    kept = 3 if color & 2 else 1
    samples = [[tuple(value(y, x, c, depth) for c in range(count)) for x in range(WIDTH)] for y in range(HEIGHT)]
    pixels = [eight_bits(sample, depth) for row in samples for pixel in row for sample in pixel[:kept]]
    return fixture(name, png(samples, color, depth, interlaced, extra), (HEIGHT, WIDTH, kept), pixels)


def indexed(name, depth, interlaced=False, transparent=b""):
    palette = bytes(value(entry, 3, c, 8) for entry in range(1 << depth) for c in range(3))
    samples = [[(value(y, x, 0, depth),) for x in range(WIDTH)] for y in range(HEIGHT)]
    pixels = [palette[3 * pixel[0] + c] for row in samples for pixel in row for c in range(3)]
    extra = chunk(b"PLTE", palette) + (chunk(b"tRNS", transparent) if transparent else b"")
    return fixture(name, png(samples, 3, depth, interlaced, extra), (HEIGHT, WIDTH, 3), pixels)


def jpeg(name, mode, **options):
    """Colours that change slowly, which JPEG is made for."""
    size = (37, 24)
    image = Image.new("RGB", size)
    image.putdata([(6 * x + 20, 10 * y, 250 - 4 * x - 3 * y) for y in range(size[1]) for x in range(size[0])])
    stream = io.BytesIO()
    image.convert(mode).save(stream, "JPEG", **options)
    decoded = Image.open(stream).convert("L" if mode == "L" else "RGB")
    shape = (size[1], size[0], len(decoded.getbands()))
    return fixture(name, stream.getvalue(), shape, list(decoded.tobytes()))


def exif(orientation):
    """EXIF data of either byte order, of a width and an orientation."""
    order, name = ("<", b"II") if orientation % 2 else (">", b"MM")
    entries = struct.pack(order + "HHII", 0x0100, 4, 1, 77) + struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return name + struct.pack(order + "HIH", 42, 8, 2) + entries + struct.pack(order + "I", 0)


def turned(name, file):
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    shape = (upright.height, upright.width, len(upright.getbands()))
    return fixture(name, file, shape, list(upright.tobytes()))


def turned_png(orientation):
    chunks = {"behind" if orientation > 4 else "extra": chunk(b"eXIf", exif(orientation))}
    samples = [[tuple(value(y, x, c, 8) for c in range(3)) for x in range(4)] for y in range(3)]
    return turned(f"RGB, orientation {orientation}", png(samples, 2, 8, **chunks))


def turned_jpeg(orientation):
    image = Image.new("L", (9, 5))
    image.putdata([20 * x + 10 * y for y in range(5) for x in range(9)])
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90, exif=b"Exif\0\0" + exif(orientation))
    return turned(f"JPEG, orientation {orientation}", stream.getvalue())


def fixture(name, file, shape, pixels):
    return {"name": name, "file": base64.b64encode(file).decode(), "shape": list(shape), "pixels": pixels}


FIXTURES = [
    *(direct(f"gray, {depth} bits", 0, depth) for depth in (1, 2, 4, 8, 16)),
    direct("gray with a transparent value", 0, 8, extra=chunk(b"tRNS", b"\0\7")),
    direct("gray with alpha", 4, 8),
    direct("gray with alpha, 16 bits", 4, 16),
    direct("RGB", 2, 8),
    direct("RGB, 16 bits", 2, 16),
    direct("RGB with alpha", 6, 8),
    direct("RGB with alpha, 16 bits", 6, 16),
    *(indexed(f"palette, {depth} bits", depth) for depth in (1, 2, 4, 8)),
    indexed("palette with transparency", 4, transparent=b"\0\x80\xff"),
    direct("interlaced gray, 1 bit", 0, 1, interlaced=True),
    direct("interlaced gray", 0, 8, interlaced=True),
    direct("interlaced RGB, 16 bits", 2, 16, interlaced=True),
    direct("interlaced RGB with alpha", 6, 8, interlaced=True),
    indexed("interlaced palette", 4, interlaced=True),
    direct("gray with texts and a gamma", 0, 8, extra=chunk(b"tEXt", b"Title\0x") + chunk(b"gAMA", struct.pack(">I", 99))),
    jpeg("JPEG, gray", "L", quality=90),
    jpeg("JPEG, halved colours", "RGB", quality=90, subsampling=2),
    jpeg("JPEG, whole colours", "RGB", quality=95, subsampling=0),
    jpeg("JPEG, progressive", "RGB", quality=90, progressive=True),
    jpeg("JPEG, CMYK", "CMYK", quality=95),
    jpeg("JPEG, restarts", "RGB", quality=80, restart_marker_blocks=2),
    *(turned_png(orientation) for orientation in range(1, 9)),
    *(turned_jpeg(orientation) for orientation in range(1, 9)),
]

path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("images.json"))
path.write_text("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in FIXTURES) + "\n]\n")
