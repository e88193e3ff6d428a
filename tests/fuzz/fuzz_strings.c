/*
 * fuzz_strings.c - any bytes as a page of strings
 */
#include "fuzz_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_frame(again_strings, p, len);
	return 0;
}
