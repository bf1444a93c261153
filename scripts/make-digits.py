#!/usr/bin/env python3
"""Writes Sources/CDigits/digits.c from scikit-learn's copy of the UCI optical digits.

Usage: python scripts/make-digits.py > Sources/CDigits/digits.c
Needs scikit-learn (any version that has sklearn.datasets.load_digits).
"""

from sklearn.datasets import load_digits

PIXELS = "0123456789abcdefg"  # a pixel is 0...16

digits = load_digits()
images = digits.data.astype(int)
assert images.shape == (1797, 64) and images.min() == 0 and images.max() == 16

print("// Made by scripts/make-digits.py; see include/CDigits.h for the source of the data.")
print('#include "CDigits.h"\n')
print("#include <stddef.h>\n")
print("// 64 pixels (0...g is 0...16), then the label.")
print("static const char lines[cdigits_count][cdigits_pixels + 2] = {")
for pixels, label in zip(images, digits.target):
    print('    "' + "".join(PIXELS[p] for p in pixels) + str(label) + '",')
print("};\n")
print("const char *cdigits_line(int32_t index) {")
print("    return index >= 0 && index < cdigits_count ? lines[index] : NULL;")
print("}")
