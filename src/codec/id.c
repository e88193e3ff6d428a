/*
 * id.c - the public face of article ids
 */
#include <string.h>

#include "codec/hash.h"

void sheaf_id_of(const void *p, size_t len, uint8_t id[SHEAF_ID_SIZE])
{
	hash_id(p, len, 0, id);
}

void sheaf_id_hex(const uint8_t id[SHEAF_ID_SIZE], char hex[SHEAF_ID_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHEAF_ID_SIZE; i++) {
		hex[2 * i] = digits[id[i] >> 4];
		hex[2 * i + 1] = digits[id[i] & 15];
	}
	hex[SHEAF_ID_HEX] = '\0';
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t sheaf_id_read(const char *hex, size_t len, uint8_t id[SHEAF_ID_SIZE])
{
	size_t n;

	memset(id, 0, SHEAF_ID_SIZE);
	for (n = 0; n < len && n < SHEAF_ID_HEX; n++) {
		int v = digit_value(hex[n]);

		if (v < 0)
			break;
		id[n / 2] |= (uint8_t)(n % 2 == 0 ? v << 4 : v);
	}
	return n;
}
