/*
 * fuzz_removed.c - any bytes as a table of removed ids
 */
#include "fuzz_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_frame(again_removed, p, len);
	return 0;
}
