#ifndef CDIGITS_H
#define CDIGITS_H

#include <stdint.h>

// Optical recognition of handwritten digits: E. Alpaydin and C. Kaynak, UCI Machine Learning Repository (CC BY 4.0);
// the 1,797 examples of its test part, as scikit-learn's load_digits has them.

enum {
    cdigits_count = 1797,  // examples
    cdigits_pixels = 64    // an example: 8 rows of 8 pixels
};

// One example: 64 characters '0'...'9', 'a'...'g' for pixels 0...16, row by row, then the label as a digit, then NUL.
// NULL when index is not in 0..<cdigits_count.
const char *cdigits_line(int32_t index);

#endif
