/*
 * fuzz_block.c - any bytes as a block header
 */
#include "fuzz_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_frame(again_block, p, len);
	return 0;
}
