// All kernels of an instruction set: compiled once for each, with BW_TABLE and BW_SET (bits of its registers) defined.
#include "bfloat16.h"
#include "convolutions.h"
#include "coupled.h"
#include "dense.h"
#include "elementwise.h"
#include "embedding.h"
#include "exchange.h"
#include "execute.h"
#include "hogwild.h"
#include "images.h"
#include "linear.h"
#include "loading.h"
#include "losses.h"
#include "muon.h"
#include "normalise.h"
#include "optimizers.h"
#include "products.h"
#include "reduce.h"
#include "sgd.h"
#include "sparse.h"
#include "table.h"
#include "tangents.h"
#include "update.h"
#include "vectors.h"

const kernel_table BW_TABLE = {
#define BW_KERNEL(RESULT, NAME, PARAMETERS, ARGUMENTS) .NAME = NAME,
#include "include/kernel_list.h"
#undef BW_KERNEL
};
