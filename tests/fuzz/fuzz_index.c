/*
 * fuzz_index.c - any bytes as an index page, or as the root of one
 */
#include "fuzz_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_frame(again_index, p, len);
	fuzz_frame(again_root, p, len);
	return 0;
}
