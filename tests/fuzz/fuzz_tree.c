/*
 * fuzz_tree.c - any bytes as a tree
 */
#include "fuzz_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_frame(again_tree, p, len);
	return 0;
}
