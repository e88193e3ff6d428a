/*
 * fuzz_footer.c - any bytes as a footer
 */
#include "fuzz_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_frame(again_footer, p, len);
	return 0;
}
