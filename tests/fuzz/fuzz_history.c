/*
 * fuzz_history.c - any bytes as the commits before a compaction
 */
#include "fuzz_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_frame(again_history, p, len);
	return 0;
}
