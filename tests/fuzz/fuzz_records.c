/*
 * fuzz_records.c - any bytes as a page of records
 */
#include "fuzz_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_frame(again_records, p, len);
	return 0;
}
