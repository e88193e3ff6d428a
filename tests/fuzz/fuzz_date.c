/*
 * fuzz_date.c - any bytes as a date
 *
 * What is taken lies in the years 1 to 9999, and date_format()'s text of it is
 * read as the same second; what is refused leaves the result alone.
 */
#include <stdlib.h>
#include <string.h>

#include "article/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void need(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct sheaf_str s = { (const char *)p, len };
	int64_t sec = 4711, again = 0;
	char text[21];

	if (!sheaf_date_parse(s, &sec)) {
		need(sec == 4711);
	} else {
		need(sec >= -62135596800 && sec < 253402300800);
		date_format(sec, text);
		s = (struct sheaf_str){ text, strlen(text) };
		need(sheaf_date_parse(s, &again) && again == sec);
	}
	/* any number at all can be shown */
	if (len >= sizeof(sec)) {
		memcpy(&sec, p, sizeof(sec));
		date_format(sec, text);
		need(strlen(text) == 20 || strcmp(text, "-") == 0);
	}
	return 0;
}
