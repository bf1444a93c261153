// Included once for each instruction set, with BW_TABLE and BW_SET (bits of its registers) defined.
#include "table.h"
#include "products.h"
#include "dense.h"
#include "sparse.h"
#include "bfloat16.h"
#include "convolutions.h"
#include "elementwise.h"
#include "images.h"
#include "normalise.h"
#include "coupled.h"
#include "losses.h"
#include "parameters.h"
#include "optimizers.h"
#include "muon.h"
#include "loading.h"
#include "run.h"
#include "update.h"
#include "linear.h"

const kernel_table BW_TABLE = {
#define K(NAME) .NAME = NAME,
    EVERY_KERNEL(K)
#undef K
};
