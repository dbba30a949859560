#include "guide.h"

const uint32_t qibu_codes[QIBU_CHARACTERS] = {
@CODES@
};
