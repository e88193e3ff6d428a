/*
 * id.c - the public face of article ids
 */
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
