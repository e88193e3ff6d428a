/*
 * test_tree.c - the SHA-256 tree, against the known answers of RFC 6962's
 * reference implementation
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "formats/sheaf/tree.h"
#include "harness.h"
#include "hostile.h"
#include "vector.h"

static bool is_hex(const uint8_t got[SHA256_SIZE], const char *hex)
{
	char text[2 * SHA256_SIZE + 1];

	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(&text[2 * i], 3, "%02x", got[i]);
	return strcmp(text, hex) == 0;
}

/* the eight leaves that certificate-transparency's own tests use, and the
 * roots over the first 1 .. 8 of them */
static void test_tree_root_rfc6962_known_answers(void)
{
	static const struct {
		const char *bytes;
		size_t len;
	} inputs[] = {
		{ "", 0 },
		{ "\x00", 1 },
		{ "\x10", 1 },
		{ "\x20\x21", 2 },
		{ "\x30\x31", 2 },
		{ "\x40\x41\x42\x43", 4 },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d"
		  "\x6e\x6f",
		  16 },
	};
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c"
		"78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9d"
		"baf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264"
		"db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398f"
		"a2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3"
		"bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f"
		"98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd7892"
		"9c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2"
		"ab9d823aad2f4960cfe370eff4604328",
	};
	static const char empty_leaf[] =
		"\x6e\x34\x0b\x9c\xff\xb3\x7a\x98\x9c\xa5\x44\xe6\xbb\x78\x0a\x2c"
		"\x78\x90\x1d\x3f\xb3\x37\x38\x76\x85\x11\xa3\x06\x17\xaf\xa0\x1d";
	uint8_t leaves[8 * SHA256_SIZE], root[SHA256_SIZE];

	for (size_t i = 0; i < HARNESS_COUNT(inputs); i++) {
		struct tree t;

		if (!CHECK(tree_init(&t, NULL) == SHEAF_OK))
			return;
		if (inputs[i].len == 0) /* never a leaf of a segment */
			buf_bytes(&t.leaves, empty_leaf, SHA256_SIZE);
		tree_add(&t, inputs[i].bytes, inputs[i].len);
		CHECK(tree_end(&t) == 1);
		memcpy(&leaves[i * SHA256_SIZE], t.leaves.p, SHA256_SIZE);
		tree_done(&t);
		CHECK(tree_root_of(leaves, i + 1, root, NULL) == SHEAF_OK);
		CHECK(is_hex(root, roots[i])); /* [S-27] */
	}
	CHECK(tree_root_of(NULL, 0, root, NULL) == SHEAF_OK);
	CHECK(is_hex(root, "e3b0c44298fc1c149afbf4c8996fb924"
			   "27ae41e4649b934ca495991b7852b855"));
}

/* the definition, as it stands in the RFC */
static void root_by_definition(const uint8_t *leaves, size_t count,
			       uint8_t root[SHA256_SIZE])
{
	struct sha256 *sha;
	uint8_t left[SHA256_SIZE], right[SHA256_SIZE];
	size_t k = 1;

	if (count == 1) {
		memcpy(root, leaves, SHA256_SIZE);
		return;
	}
	while (2 * k < count)
		k *= 2;
	root_by_definition(leaves, k, left);
	root_by_definition(&leaves[k * SHA256_SIZE], count - k, right);
	sha = sha256_new();
	if (!CHECK(sha != NULL))
		return;
	sha256_add(sha, "\1", 1);
	sha256_add(sha, left, SHA256_SIZE);
	sha256_add(sha, right, SHA256_SIZE);
	sha256_end(sha, root);
	sha256_free(sha);
}

static void test_tree_root_of_any_count_is_the_definition(void)
{
	enum { MANY = 140 };
	uint8_t leaves[MANY * SHA256_SIZE], want[SHA256_SIZE],
		root[SHA256_SIZE];

	for (size_t i = 0; i < sizeof(leaves); i++)
		leaves[i] = (uint8_t)(i * i >> 3);
	for (size_t n = 1; n <= MANY; n++) {
		root_by_definition(leaves, n, want);
		CHECK(tree_root_of(leaves, n, root, NULL) == SHEAF_OK);
		CHECK(memcmp(root, want, sizeof(root)) == 0);
	}
}

/* the same leaves, however the bytes arrive */
static void test_tree_takes_bytes_in_any_pieces(void)
{
	static const size_t pieces[] = { 1000, 65535, 65536, 65537, 300000 };
	static uint8_t bytes[300000];
	uint8_t first[SHA256_SIZE] = { 0 }, root[SHA256_SIZE];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i % 253);
	for (size_t i = 0; i < HARNESS_COUNT(pieces); i++) {
		struct tree t;
		size_t n;

		if (!CHECK(tree_init(&t, NULL) == SHEAF_OK))
			return;
		for (size_t at = 0; at < sizeof(bytes); at += n) {
			n = sizeof(bytes) - at;
			n = n < pieces[i] ? n : pieces[i];
			tree_add(&t, &bytes[at], n);
		}
		CHECK(tree_end(&t) == 5);
		CHECK(tree_root(&t, root, NULL) == SHEAF_OK);
		if (i == 0)
			memcpy(first, root, sizeof(root));
		CHECK(memcmp(root, first, sizeof(root)) == 0);
		tree_done(&t);
		CHECK(t.sha == NULL && t.leaves.p == NULL);
	}
}

/* no empty leaf behind a full one, nor for nothing at all */
static void test_tree_leaf_counts(void)
{
	static uint8_t bytes[(size_t)2 * LEAF_SIZE];
	static const size_t lens[][2] = { { 0, 0 },
					  { 1, 1 },
					  { LEAF_SIZE, 1 },
					  { LEAF_SIZE + 1, 2 },
					  { sizeof(bytes), 2 } };
	struct tree t;

	for (size_t i = 0; i < HARNESS_COUNT(lens); i++) {
		if (!CHECK(tree_init(&t, NULL) == SHEAF_OK))
			return;
		tree_add(&t, bytes, lens[i][0]);
		CHECK(tree_end(&t) == lens[i][1]);
		CHECK(t.leaves.len == lens[i][1] * SHA256_SIZE);
		tree_done(&t);
	}
}

static void test_tree_frame_is_as_in_the_vector(void)
{
	static uint8_t bytes[140000];
	struct tree t;
	struct tree_view view;
	struct buf b = { 0 };

	if (!CHECK(tree_init(&t, NULL) == SHEAF_OK))
		return;
	tree_add(&t, bytes, sizeof(bytes));
	CHECK(tree_end(&t) == 3);
	tree_put(&b, VECTOR_OFFSET - sizeof(bytes), t.leaves.p, 3,
		 VECTOR_OFFSET);
	CHECK(vector_is("tree", &b));
	CHECK(tree_get(b.p, b.len, VECTOR_OFFSET, &view, NULL) == SHEAF_OK);
	CHECK(view.start == 860000 && view.count == 3);
	CHECK(memcmp(view.leaves, t.leaves.p, t.leaves.len) == 0);
	hostile_damage(again_tree, &b, VECTOR_OFFSET);
	hostile_lengths(again_tree, &b, VECTOR_OFFSET);
	hostile_changes(again_tree, &b, VECTOR_OFFSET, 10000);
	tree_done(&t);
	buf_done(&b);
}

static void test_tree_frame_values_out_of_range_refused(void)
{
	/* by the offsets in the vector */
	static const struct hostile_patch patches[] = {
		{ "start is the frame", 13, 3, "\xc0\x84\x3d", SHEAF_CORRUPT },
		{ "another segment than of 3 leaves", 13, 3, "\x80\x80\x3a",
		  SHEAF_CORRUPT },
		{ "a leaf more than there are", 16, 1, "\4", SHEAF_CORRUPT },
		{ "a leaf less", 16, 1, "\2", SHEAF_CORRUPT },
	};
	uint8_t leaf[SHA256_SIZE] = { 0 };
	struct buf b = { 0 };

	vector_load("tree", &b);
	hostile_patches(again_tree, &b, VECTOR_OFFSET, patches,
			HARNESS_COUNT(patches));
	buf_clear(&b);
	tree_put(&b, VECTOR_OFFSET - 1, leaf, 1, VECTOR_OFFSET);
	CHECK(hostile_try(again_tree, b.p, b.len, VECTOR_OFFSET, false) ==
	      SHEAF_CORRUPT); /* one leaf needs no tree */
	buf_done(&b);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_tree_root_rfc6962_known_answers) },
		{ HARNESS_TEST(test_tree_root_of_any_count_is_the_definition) },
		{ HARNESS_TEST(test_tree_takes_bytes_in_any_pieces) },
		{ HARNESS_TEST(test_tree_leaf_counts) },
		{ HARNESS_TEST(test_tree_frame_is_as_in_the_vector) },
		{ HARNESS_TEST(test_tree_frame_values_out_of_range_refused) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
