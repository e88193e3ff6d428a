/*
 * test_hash.c - the hashes against known values
 *
 * Those of XXH3 and XXH64 were made with xxh128sum, xxhsum -H3 and xxhsum -H1
 * and, where there is a seed, with python3-xxhash; those of SHA-256 are FIPS
 * 180-4's examples.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "codec/hash.h"
#include "harness.h"

static bool id_is(const void *p, size_t len, uint64_t seed, const char *hex)
{
	uint8_t id[SHEAF_ID_SIZE];
	char text[SHEAF_ID_HEX + 1];

	hash_id(p, len, seed, id);
	for (size_t i = 0; i < SHEAF_ID_SIZE; i++)
		snprintf(&text[2 * i], 3, "%02x", id[i]);
	return strcmp(text, hex) == 0;
}

/* 0, 1, 2 .. modulo 251 */
static void fill(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i % 251);
}

static void test_id_is_what_xxh128sum_prints(void)
{
	uint8_t long_one[10000];

	fill(long_one, sizeof(long_one));
	CHECK(id_is(NULL, 0, 0, "99aa06d3014798d86001c324468d497f"));
	CHECK(id_is("a", 1, 0, "a96faf705af16834e6c632b61e964e1f"));
	CHECK(id_is("hello, world\n", 13, 0,
		    "aef7d73364a11a632fc4faefcc422cb8"));
	CHECK(id_is(long_one, 200, 0, "cb0395310643ba0edd97e9af3609d9f5"));
	CHECK(id_is(long_one, 10000, 0, "89dec82a789965e61cb3abee1c2fc1c4"));
}

static void test_id_under_a_seed_differs(void)
{
	CHECK(id_is("a", 1, 1, "fdd9b77fdcaf3221d2f6d0996f37a720"));
	CHECK(id_is(NULL, 0, 65535, "e462fd7e3d7d1c53397d22463eb94698"));
}

static void test_64_known_values(void)
{
	uint8_t long_one[10000];

	fill(long_one, sizeof(long_one));
	CHECK(hash_64(NULL, 0, 0) == 0x2d06800538d394c2);
	CHECK(hash_64("hello, world\n", 13, 0) == 0x660687edec075653);
	CHECK(hash_64("hello, world\n", 13, 1000000) == 0xfeec3b4e2a319c12);
	CHECK(hash_64(long_one, 10000, 1000000) == 0x61fa58be0474cde9);
}

static void test_frame_checksum_is_that_of_zstd(void)
{
	CHECK(hash_frame_checksum(NULL, 0) == 0x51d8e999);
	CHECK(hash_frame_checksum("hello, world\n", 13) == 0xf1f91f4c);
}

/* lengths around those that XXH3 goes about differently */
static void test_pair_is_hash_of_both(void)
{
	static const size_t lens[] = {
		0, 1, 16, 224, 225, 495, 496, 497, 65535
	};
	static uint8_t both[SHEAF_ID_SIZE + 65535];
	uint8_t want[SHEAF_ID_SIZE];
	uint64_t high, low;

	fill(both, sizeof(both));
	for (size_t i = 0; i < HARNESS_COUNT(lens); i++) {
		hash_pair(both, both + SHEAF_ID_SIZE, lens[i], &high, &low);
		hash_id(both, SHEAF_ID_SIZE + lens[i], 0, want);
		for (size_t k = 0; k < 8; k++) {
			CHECK(want[k] == (uint8_t)(high >> (56 - 8 * k)));
			CHECK(want[8 + k] == (uint8_t)(low >> (56 - 8 * k)));
		}
	}
	hash_pair(both, NULL, 0, &high, &low);
	hash_id(both, SHEAF_ID_SIZE, 0, want);
	CHECK(want[0] == (uint8_t)(high >> 56));
}

static bool sha_is(const uint8_t got[SHA256_SIZE], const char *hex)
{
	char text[2 * SHA256_SIZE + 1];

	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(&text[2 * i], 3, "%02x", got[i]);
	return strcmp(text, hex) == 0;
}

static void test_sha256_known_values_one_after_the_other(void)
{
	struct sha256 *s = sha256_new();
	uint8_t out[SHA256_SIZE];
	static const char two_blocks[] =
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	if (!CHECK(s != NULL))
		return;
	sha256_add(s, "abc", 3);
	sha256_end(s, out);
	CHECK(sha_is(out, "ba7816bf8f01cfea414140de5dae2223"
			  "b00361a396177a9cb410ff61f20015ad"));
	sha256_end(s, out);
	CHECK(sha_is(out, "e3b0c44298fc1c149afbf4c8996fb924"
			  "27ae41e4649b934ca495991b7852b855"));
	for (size_t i = 0; two_blocks[i]; i++)
		sha256_add(s, &two_blocks[i], 1);
	sha256_add(s, NULL, 0);
	sha256_end(s, out);
	CHECK(sha_is(out, "248d6a61d20638b8e5c026930c3e6039"
			  "a33ce45964ff2167f6ecedd419db06c1"));
	sha256_free(s);
	sha256_free(NULL);
}

static void test_digits_of_an_id_are_read_up_to_the_first_other(void)
{
	static const char hex[] = "00112233445566778899aAbBcCdDeEfF";
	uint8_t id[SHEAF_ID_SIZE];
	char text[SHEAF_ID_HEX + 1];

	CHECK(sheaf_id_read(hex, strlen(hex), id) == SHEAF_ID_HEX);
	sheaf_id_hex(id, text);
	CHECK(strcasecmp(text, hex) == 0);
	CHECK(sheaf_id_read(hex, strlen(hex) + 1, id) == SHEAF_ID_HEX);
	CHECK(sheaf_id_read("abcde", 5, id) == 5 && id[2] == 0xe0);
	CHECK(id[3] == 0 && id[SHEAF_ID_SIZE - 1] == 0);
	CHECK(sheaf_id_read("12g4", 4, id) == 2 && id[0] == 0x12);
	CHECK(sheaf_id_read("12", 1, id) == 1 && sheaf_id_read("", 0, id) == 0);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_id_is_what_xxh128sum_prints) },
		{ HARNESS_TEST(test_id_under_a_seed_differs) },
		{ HARNESS_TEST(test_64_known_values) },
		{ HARNESS_TEST(test_frame_checksum_is_that_of_zstd) },
		{ HARNESS_TEST(test_pair_is_hash_of_both) },
		{ HARNESS_TEST(test_sha256_known_values_one_after_the_other) },
		{ HARNESS_TEST(
			test_digits_of_an_id_are_read_up_to_the_first_other) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
