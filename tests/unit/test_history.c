/*
 * test_history.c - the commits that a compaction folded into one segment
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "formats/sheaf/history.h"
#include "harness.h"
#include "hostile.h"
#include "vector.h"

static void test_history_is_as_in_the_vector(void)
{
	struct past_commit commits[2] = {
		{ .time = 1600000000,
		  .live = 3,
		  .articles = 2,
		  .article_bytes = 300,
		  .new_records = 3,
		  .new_articles = 2,
		  .new_bytes = 300,
		  .message = { "\303\274ber 1", 7 } },
		{ .time = -1,
		  .live = 4,
		  .articles = 2,
		  .article_bytes = 300,
		  .new_records = 1 },
	};
	struct history h = { .commits = commits, .count = 2 }, got;
	struct buf b = { 0 };

	for (uint8_t i = 0; i < SHA256_SIZE; i++)
		commits[0].id[i] = i;
	for (uint8_t i = 0; i < 16; i++)
		commits[0].fingerprint[i] = (uint8_t)(0xa0 + i);
	memset(commits[1].id, 0xff, SHA256_SIZE);
	CHECK(history_put(&b, &h, VECTOR_OFFSET, 0, NULL) == SHEAF_OK);
	CHECK(vector_is("history", &b));
	CHECK(history_get(b.p, b.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(history_same(&h, &got));
	history_done(&got);
	CHECK(got.commits == NULL && got.bytes.p == NULL && got.count == 0);
	hostile_damage(again_history, &b, VECTOR_OFFSET);
	hostile_lengths(again_history, &b, VECTOR_OFFSET);
	hostile_changes(again_history, &b, VECTOR_OFFSET, 20000);
	buf_done(&b);
}

static void test_history_values_out_of_range_refused(void)
{
	/* by the offsets in the vector */
	static const struct hostile_patch patches[] = {
		{ "unknown coding", 13, 1, "\2", SHEAF_CORRUPT },
		{ "plain size one less", 14, 1, "\x7e", SHEAF_CORRUPT },
		{ "plain size beyond the limit", 14, 5, "\xff\xff\xff\xff\x7f",
		  SHEAF_CORRUPT },
		{ "no commits", 15, 1, "\0", SHEAF_CORRUPT },
		{ "one commit less than there are", 15, 1, "\1",
		  SHEAF_CORRUPT },
		{ "one commit more", 15, 1, "\3", SHEAF_CORRUPT },
		{ "far too many", 15, 1, "\x7f", SHEAF_CORRUPT },
		{ "2^63 commits", 15, 10,
		  "\x80\x80\x80\x80\x80\x80\x80\x80\x80\1", SHEAF_CORRUPT },
		{ "2^32 commits", 15, 5, "\x80\x80\x80\x80\x10",
		  SHEAF_CORRUPT },
		{ "message one less", 125, 1, "\6", SHEAF_CORRUPT },
		{ "message beyond the end", 134, 1, "\1", SHEAF_CORRUPT },
		{ "message longer than 4,096 bytes", 133, 2, "\x81\x20",
		  SHEAF_CORRUPT },
		{ "a number without an end", 126, 10,
		  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", SHEAF_CORRUPT },
	};
	struct buf b = { 0 };

	vector_load("history", &b);
	hostile_patches(again_history, &b, VECTOR_OFFSET, patches,
			HARNESS_COUNT(patches));
	CHECK(removed_get(b.p, b.len, VECTOR_OFFSET, &(struct removed){ 0 },
			  NULL) == SHEAF_CORRUPT); /* another kind */
	buf_done(&b);
}

static enum sheaf_status taken(const struct history *h, int level)
{
	struct buf b = { 0 };
	struct history got = { 0 };
	enum sheaf_status st = history_put(&b, h, VECTOR_OFFSET, level, NULL);

	if (st == SHEAF_OK)
		st = history_get(b.p, b.len, VECTOR_OFFSET, &got, NULL);
	if (st == SHEAF_OK)
		CHECK(history_same(h, &got));
	history_done(&got);
	buf_done(&b);
	return st;
}

static void test_history_limits_taken_and_more_refused(void)
{
	enum { MANY = 17000 };
	static char message[MESSAGE_MAX + 1];
	struct past_commit *commits = calloc(MANY, sizeof(*commits));
	struct history h = { .commits = commits, .count = 1 };

	if (!CHECK(commits != NULL))
		return;
	memset(message, 'm', sizeof(message));
	for (size_t i = 0; i < MANY; i++)
		commits[i] = (struct past_commit){
			.time = i % 2 != 0 ? INT64_MIN : INT64_MAX,
			.live = UINT64_MAX,
			.articles = UINT64_MAX,
			.article_bytes = UINT64_MAX,
			.new_records = UINT64_MAX,
			.new_articles = UINT64_MAX,
			.new_bytes = UINT64_MAX,
			.message = { message, MESSAGE_MAX },
		};
	CHECK(taken(&h, 0) == SHEAF_OK && taken(&h, 19) == SHEAF_OK);
	h.count = 15000;
	CHECK(taken(&h, 1) == SHEAF_OK);
	h.count = MANY; /* beyond HISTORY_MAX */
	CHECK(taken(&h, 1) == SHEAF_LIMIT);
	h.count = 2;
	commits[1].message.len = MESSAGE_MAX + 1;
	CHECK(taken(&h, 0) != SHEAF_OK);
	free(commits);
}

static void test_history_many_come_back(void)
{
	enum { MANY = 2000 };
	struct past_commit *commits = calloc(MANY, sizeof(*commits));
	struct history h = { .commits = commits };
	uint64_t state = 11;
	static const char text[] = "\xf5\xc0\xfe\xc1 a commit \0 of a day";

	if (!CHECK(commits != NULL))
		return;
	for (size_t i = 0; i < MANY; i++) {
		struct past_commit *c = &commits[i];

		c->time = (int64_t)hostile_random(&state);
		for (size_t k = 0; k < SHA256_SIZE; k++)
			c->id[k] = (uint8_t)hostile_random(&state);
		c->live = hostile_random(&state) >> hostile_random(&state) % 64;
		c->new_bytes = i;
		c->message.p = text;
		c->message.len = i % sizeof(text);
	}
	for (h.count = 1; h.count <= MANY; h.count += 333) {
		CHECK(taken(&h, 0) == SHEAF_OK);
		CHECK(taken(&h, 3) == SHEAF_OK);
	}
	free(commits);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_history_is_as_in_the_vector) },
		{ HARNESS_TEST(test_history_values_out_of_range_refused) },
		{ HARNESS_TEST(test_history_limits_taken_and_more_refused) },
		{ HARNESS_TEST(test_history_many_come_back) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
