/*
 * percent.c - any bytes as a word of a head, and back
 */
#include "formats/warc/warc.h"

#include <stdio.h>

void warc_percent_put(struct buf *out, struct sheaf_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char coded[4];

		if (c > ' ' && c < 0x7f && c != '%') {
			buf_u8(out, c);
			continue;
		}
		snprintf(coded, sizeof(coded), "%%%02X", c);
		buf_bytes(out, coded, 3);
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void warc_percent_get(struct buf *out, struct sheaf_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '%' && s.len - i > 2) {
			int high = hex_digit(s.p[i + 1]);
			int low = hex_digit(s.p[i + 2]);

			if (high >= 0 && low >= 0) {
				buf_u8(out, (uint8_t)(high << 4 | low));
				i += 2;
				continue;
			}
		}
		buf_u8(out, (uint8_t)s.p[i]);
	}
}
