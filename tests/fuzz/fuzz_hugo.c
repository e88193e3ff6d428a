/*
 * fuzz_hugo.c - any bytes as a Hugo post
 */
#include "fields_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct sheaf_str name = { "a.txt", 5 };

	sheaf_format_guess(name, p, len);
	parse_check("hugo", p, len);
	return 0;
}
