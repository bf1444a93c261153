#include <math.h>
#include <stdint.h>
#include <string.h>
#define BW_TABLE bw_kernels_baseline
#define BW_SET 128
#include "kernels.h"
