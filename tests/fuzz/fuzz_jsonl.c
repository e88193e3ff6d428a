/*
 * fuzz_jsonl.c - any bytes as JSON Lines, and as one line
 */
#include "container_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct container_seen seen;

	parse_check("jsonl", p, len);
	parse_check("jsonl:title=a.b,url=link", p, len);
	seen = container_check(&container_jsonl, NULL, p, len);
	need(seen.bytes <= len);
	container_check(&container_jsonl, "title=a.b,name=x", p, len);
	return 0;
}
