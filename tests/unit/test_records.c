/*
 * test_records.c - pages of records
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "formats/sheaf/records.h"
#include "harness.h"
#include "hostile.h"
#include "vector.h"

static struct sheaf_str str(const char *s)
{
	return (struct sheaf_str){ s, strlen(s) };
}

/* vectors/records.hex */
static struct record_page plain_page(void)
{
	static struct page_record r[2];
	struct record_page page = {
		.offset = VECTOR_OFFSET, .commit = 1, .count = 2, .records = r
	};

	r[0] = (struct page_record){ .name = str("a/b.md"),
				     .place = { 3700, 0 },
				     .size = 10,
				     .commit = 1,
				     .mtime = { .sec = 1700000000 } };
	r[1] = (struct page_record){ .name = str("a/b.xt"),
				     .place = { 3700, 1 },
				     .size = 300,
				     .commit = 1,
				     .mtime = { .sec = 1699999900 } };
	return page;
}

/* vectors/records-full.hex */
static struct record_page full_page(void)
{
	static uint32_t categories[] = { 3, 16777215 }, tags[] = { 4 };
	static struct page_record r[5];
	struct record_page page = { .offset = VECTOR_OFFSET,
				    .commit = 3,
				    .has_keys = true,
				    .count = 5,
				    .records = r };

	r[0] = (struct page_record){
		.name = str("news/a.md"),
		.place = { 5000, 0 },
		.size = 67108864,
		.commit = 3,
		.mtime = { .sec = -1 },
		.has_date = true,
		.has_outlet = true,
		.has_lang = true,
		.has_url = true,
		.date = 1600000000,
		.outlet = 1,
		.lang = 2,
		.categories = categories,
		.category_count = 2,
		.tags = tags,
		.tag_count = 1,
		.id_prefix = 0x0123456789ab,
		.url_key = 0xa1a2a3a4a5a6,
	};
	r[1] = (struct page_record){ .name_kind = NAME_SAME,
				     .name = str("news/a.md"),
				     .place = { 770432, 65534 },
				     .commit = 5,
				     .mtime = { .nsec = 1 },
				     .id_prefix = 0xffffffffffff };
	r[2] = (struct page_record){ .name_kind = NAME_OLDER,
				     .older = { 900000, 7 },
				     .place = { 770432, 2 },
				     .size = 1,
				     .commit = 4,
				     .mtime = { 1, 999999999 },
				     .has_date = true,
				     .has_url = true,
				     .date = 1599996400,
				     .url_key = 0xb1b2b3b4b5b6 };
	r[3] = (struct page_record){ .name_kind = NAME_SAME,
				     .older = { 900000, 7 },
				     .place = { 770432, 3 },
				     .size = 128,
				     .commit = 6,
				     .mtime = { .sec = INT64_MAX },
				     .has_outlet = true,
				     .has_lang = true,
				     .outlet = 9,
				     .lang = 2,
				     .id_prefix = 1 };
	r[4] = (struct page_record){ .name = str("news/b.md"),
				     .place = { 5000, 200 },
				     .size = 16384,
				     .commit = 3,
				     .mtime = { INT64_MIN, 5 },
				     .tags = tags,
				     .tag_count = 1,
				     .id_prefix = 0x800000000000,
				     .seed = 2 };
	return page;
}

static void vector_check(const char *name, const struct record_page *want,
			 bool put_too)
{
	struct record_page got;
	struct buf b = { 0 }, v = { 0 };

	if (put_too) {
		CHECK(records_put(&b, want, 0, NULL) == SHEAF_OK);
		CHECK(vector_is(name, &b));
	}
	vector_load(name, &v);
	CHECK(records_get(v.p, v.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(records_same(want, &got));
	records_done(&got);
	hostile_damage(again_records, &v, VECTOR_OFFSET);
	hostile_lengths(again_records, &v, VECTOR_OFFSET);
	hostile_changes(again_records, &v, VECTOR_OFFSET, 30000);
	buf_done(&b);
	buf_done(&v);
}

static void test_records_without_columns_are_as_in_the_vector(void)
{
	struct record_page page = plain_page();

	vector_check("records", &page, true);
}

static void test_records_in_zstd_are_as_in_the_vector(void)
{
	struct record_page page = plain_page();

	vector_check("records-zstd", &page, false);
}

static void test_records_with_all_columns_are_as_in_the_vector(void)
{
	struct record_page page = full_page();

	vector_check("records-full", &page, true);
}

static void test_records_sizes_told(void)
{
	struct record_page got;
	struct buf b = { 0 };

	vector_load("records-full", &b);
	CHECK(records_get(b.p, b.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(got.plain_size == 160 && got.plain_names == 13);
	records_done(&got);
	CHECK(got.records == NULL);
	buf_done(&b);
}

static void test_records_values_out_of_range_refused(void)
{
	/* by the offsets in records-full.hex */
	static const struct hostile_patch full[] = {
		{ "no records", 16, 1, "\0", SHEAF_CORRUPT },
		{ "more than there are", 16, 1, "\6", SHEAF_CORRUPT },
		{ "unknown flag", 17, 1, "\x1f", SHEAF_CORRUPT },
		{ "commit 0", 18, 1, "\0", SHEAF_CORRUPT },
		{ "no blocks", 19, 1, "\0", SHEAF_CORRUPT },
		{ "more blocks than records", 19, 1, "\6", SHEAF_CORRUPT },
		{ "block behind the page", 22, 3, "\xF8\xDB\x3E", SHEAF_OK },
		{ "first has no record before", 25, 1, "\xFD", SHEAF_CORRUPT },
		{ "unknown kind of name", 26, 1, "\x03", SHEAF_CORRUPT },
		{ "block that is not there", 31, 1, "\2", SHEAF_CORRUPT },
		{ "slot 65535", 36, 3, "\xff\xff\x03", SHEAF_CORRUPT },
		{ "size beyond BLOCK_MAX [S-19]", 43, 4, "\x81\x80\x80\x20",
		  SHEAF_CORRUPT },
		{ "first name shares bytes", 54, 1, "\1", SHEAF_CORRUPT },
		{ "more shared than there are", 55, 1, "\x0a", SHEAF_CORRUPT },
		{ "nothing follows", 57, 1, "\0", SHEAF_CORRUPT },
		{ "zero byte in a name", 60, 1, "\0", SHEAF_CORRUPT },
		{ "name out of order [S-17]", 67, 1, "`", SHEAF_CORRUPT },
		{ "name twice [S-18]", 67, 1, "a", SHEAF_CORRUPT },
		{ "older name in this page", 71, 3, "\xc0\x84\x3d",
		  SHEAF_CORRUPT },
		{ "older name in the description", 71, 3, "\x80\x80\0",
		  SHEAF_CORRUPT },
		{ "commit is not the lowest", 75, 5, "\1\2\1\3\1",
		  SHEAF_CORRUPT },
		{ "commits of a name descend [S-17]", 75, 2, "\2\1",
		  SHEAF_CORRUPT },
		{ "nsec 1,000,000,000", 96, 5, "\x80\x94\xEB\xDC\x03",
		  SHEAF_CORRUPT },
		{ "code beyond STRINGS_TOTAL", 121, 4, "\x80\x80\x80\x08",
		  SHEAF_CORRUPT },
		{ "empty list", 125, 1, "\0", SHEAF_CORRUPT },
		{ "list that is too long", 125, 2, "\xff\x04", SHEAF_CORRUPT },
		{ "unknown coding", 13, 1, "\2", SHEAF_CORRUPT },
		{ "plain size that is not there", 14, 1, "\xa1",
		  SHEAF_CORRUPT },
	};
	/* by those in records-zstd.hex */
	static const struct hostile_patch zstd[] = {
		{ "plain size beyond PAGE_MAX [S-12]", 14, 4,
		  "\x81\x80\x80\x02", SHEAF_CORRUPT },
		{ "plain size that is not the frame's", 14, 1, "\x30",
		  SHEAF_CORRUPT },
	};
	struct buf b = { 0 };

	vector_load("records-full", &b);
	hostile_patches(again_records, &b, VECTOR_OFFSET, full,
			HARNESS_COUNT(full));
	buf_done(&b);
	vector_load("records-zstd", &b);
	hostile_patches(again_records, &b, VECTOR_OFFSET, zstd,
			HARNESS_COUNT(zstd));
	buf_done(&b);
}

/* a full page of generated records */
struct many {
	struct record_page page;
	struct page_record *records;
	char (*names)[64];
	uint32_t codes[LIST_MAX];
	uint64_t state;
};

static void many_record(struct many *m, uint32_t i)
{
	struct page_record *r = &m->records[i];
	uint64_t x = hostile_random(&m->state);

	snprintf(m->names[i], sizeof(m->names[i]), "post/%04u/%s-%u.md", i,
		 x & 1 ? "index" : "a-longer-name", (unsigned int)(x & 0xff));
	*r = (struct page_record){
		.name = str(m->names[i]),
		.place = { 1 + (x >> 8) % 400, (uint32_t)(x >> 20) % 65535 },
		.size = hostile_random(&m->state) % (BLOCK_MAX + 1),
		.commit = m->page.commit,
		.mtime = { (int64_t)(hostile_random(&m->state) >> x % 64), 0 },
		.has_date = x >> 30 & 1,
		.has_outlet = x >> 31 & 1,
		.has_lang = x >> 32 & 1,
		.has_url = x >> 33 & 1,
		.format = (uint32_t)(x >> 34) % 3,
		.categories = m->codes,
		.category_count = (uint32_t)(x >> 36) % 4,
		.tags = m->codes,
		.tag_count = (uint32_t)(x >> 38) % 100 ? 0 : LIST_MAX,
	};
	if (r->has_date)
		r->date = (int64_t)hostile_random(&m->state);
	if (r->has_outlet)
		r->outlet = (uint32_t)(x >> 40) % STRINGS_TOTAL;
	if (r->has_lang)
		r->lang = (uint32_t)(x >> 50) % 9;
	if (i > 0 && x % 7 == 0) {
		r->name_kind = NAME_SAME;
		r->name = r[-1].name;
		r->older = r[-1].older;
	} else if (x % 7 == 1) {
		r->name_kind = NAME_OLDER;
		r->name.len = 0;
		r->older.page = 1 + (x >> 10) % 999999;
		r->older.slot = (uint32_t)(x >> 30) % RECORDS_MAX;
	}
}

static bool many_init(struct many *m, uint32_t count)
{
	*m = (struct many){ .state = 7 };
	m->records = calloc(count, sizeof(*m->records));
	m->names = calloc(count, sizeof(*m->names));
	m->page = (struct record_page){ .offset = VECTOR_OFFSET,
					.commit = 1,
					.count = count,
					.records = m->records };
	for (uint32_t i = 0; i < LIST_MAX; i++)
		m->codes[i] = i * 65793;
	for (uint32_t i = 0; m->records && m->names && i < count; i++)
		many_record(m, i);
	return m->records && m->names;
}

static void many_done(struct many *m)
{
	free(m->records);
	free(m->names);
}

static enum sheaf_status taken(const struct record_page *page, int level)
{
	struct buf b = { 0 };
	struct record_page got = { 0 };
	enum sheaf_status st = records_put(&b, page, level, NULL);

	if (st == SHEAF_OK)
		st = records_get(b.p, b.len, page->offset, &got, NULL);
	if (st == SHEAF_OK)
		CHECK(records_same(page, &got));
	records_done(&got);
	buf_done(&b);
	return st;
}

static void test_records_full_page_comes_back(void)
{
	static const int levels[] = { 0, 1, 9, 19 };
	struct many m;

	if (!CHECK(many_init(&m, RECORDS_MAX)))
		return;
	for (size_t i = 0; i < HARNESS_COUNT(levels); i++)
		CHECK(taken(&m.page, levels[i]) == SHEAF_OK);
	for (m.page.count = 1; m.page.count < 40; m.page.count++)
		CHECK(taken(&m.page, 0) == SHEAF_OK);
	many_done(&m);
}

/* each of the four columns with and without each of the others */
static void test_records_columns_come_and_go(void)
{
	struct many m;

	if (!CHECK(many_init(&m, 100)))
		return;
	for (unsigned int flags = 0; flags < 16; flags++) {
		m.page.has_keys = flags & 1;
		for (uint32_t i = 0; i < m.page.count; i++) {
			struct page_record *r = &m.records[i];

			r->id_prefix = flags & 1 ? i * 0x10101 : 0;
			r->url_key = flags & 1 && r->has_url ? ~i : 0;
			r->mtime.nsec = flags & 2 ? i : 0;
			r->seed = flags & 4 ? i : 0;
			r->commit = m.page.commit + (flags & 8 ? i : 0);
		}
		CHECK(taken(&m.page, 3) == SHEAF_OK);
	}
	many_done(&m);
}

static void test_records_longest_names_taken(void)
{
	static char names[70][NAME_MAX_BYTES];
	struct many m;

	if (!CHECK(many_init(&m, 70)))
		return;
	for (uint32_t i = 0; i < 70; i++) {
		memset(names[i], 'n', sizeof(names[i]));
		names[i][0] = (char)('0' + i);
		m.records[i].name_kind = NAME_OWN;
		m.records[i].older = (struct record_ref){ 0 };
		m.records[i].name =
			(struct sheaf_str){ names[i], sizeof(names[i]) };
	}
	m.page.count = 60;
	CHECK(taken(&m.page, 3) == SHEAF_OK);
	m.page.count = 70; /* more than PAGE_MAX */
	CHECK(taken(&m.page, 3) == SHEAF_LIMIT);
	many_done(&m);
}

/* names that share almost all are short in a page, and long when read */
static void test_records_names_beyond_their_limit_refused(void)
{
	static char name[NAME_MAX_BYTES + 1];
	uint32_t fit = NAMES_MAX / NAME_MAX_BYTES;
	struct buf payload = { 0 }, b = { 0 };
	struct many m;
	size_t start;

	if (!CHECK(many_init(&m, fit + 1)))
		return;
	memset(name, 'x', sizeof(name));
	/* what put writes for the last of them, that get must refuse */
	buf_varint(&payload, fit + 1);
	buf_u8(&payload, 0);
	buf_varint(&payload, 1);
	buf_varint(&payload, 1);
	buf_varint(&payload, 5);
	for (uint32_t i = 0; i < 4 * (fit + 1); i++)
		buf_u8(&payload, 0);
	for (uint32_t i = 0; i <= fit; i++)
		buf_varint(&payload, i ? NAME_MAX_BYTES - 1 : 0);
	for (uint32_t i = 0; i <= fit; i++)
		buf_varint(&payload, i ? 1 : NAME_MAX_BYTES);
	buf_bytes(&payload, name, NAME_MAX_BYTES);
	for (uint32_t i = 1; i <= fit; i++)
		buf_u8(&payload, (uint8_t)('x' + i));
	for (uint32_t i = 0; i < 2 * (fit + 1); i++)
		buf_u8(&payload, 0);
	start = frame_begin(&b, FRAME_RECORDS);
	CHECK(coded_put(&b, payload.p, payload.len, 0, NULL) == SHEAF_OK);
	frame_end(&b, start, VECTOR_OFFSET);
	CHECK(hostile_try(again_records, b.p, b.len, VECTOR_OFFSET, false) ==
	      SHEAF_CORRUPT);
	many_done(&m);
	buf_done(&payload);
	buf_done(&b);
}

static void test_records_put_keeps_the_names_limit(void)
{
	uint32_t count = NAMES_MAX / 65000 + 1;
	char *names = malloc((size_t)count * 65000);
	struct many m;

	if (!CHECK(names && many_init(&m, count)))
		abort();
	for (uint32_t i = 0; i < count; i++) {
		char *name = &names[(size_t)i * 65000];

		memset(name, 'x', 65000);
		snprintf(name + 64900, 100, "%08u", i);
		m.records[i].name_kind = NAME_OWN;
		m.records[i].older = (struct record_ref){ 0 };
		m.records[i].name = (struct sheaf_str){ name, 64908 };
	}
	m.page.count = count - 1;
	CHECK(taken(&m.page, 3) == SHEAF_OK);
	m.page.count = count;
	for (uint32_t i = 0; i < count; i++)
		m.records[i].name.len = 65000 - 1;
	for (uint32_t i = 0; i < count; i++)
		memset(&names[(size_t)i * 65000 + 64908], 'y', 92);
	CHECK(taken(&m.page, 3) == SHEAF_LIMIT);
	many_done(&m);
	free(names);
}

static void test_records_changed_at_random_refused_or_within_limits(void)
{
	struct buf b = { 0 };
	struct many m;

	if (!CHECK(many_init(&m, 50)))
		return;
	CHECK(records_put(&b, &m.page, 0, NULL) == SHEAF_OK);
	hostile_lengths(again_records, &b, VECTOR_OFFSET);
	hostile_changes(again_records, &b, VECTOR_OFFSET, 20000);
	buf_done(&b);
	CHECK(records_put(&b, &m.page, 19, NULL) == SHEAF_OK);
	hostile_changes(again_records, &b, VECTOR_OFFSET, 2000);
	buf_done(&b);
	many_done(&m);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(
			test_records_without_columns_are_as_in_the_vector) },
		{ HARNESS_TEST(test_records_in_zstd_are_as_in_the_vector) },
		{ HARNESS_TEST(
			test_records_with_all_columns_are_as_in_the_vector) },
		{ HARNESS_TEST(test_records_sizes_told) },
		{ HARNESS_TEST(test_records_values_out_of_range_refused) },
		{ HARNESS_TEST(test_records_full_page_comes_back) },
		{ HARNESS_TEST(test_records_columns_come_and_go) },
		{ HARNESS_TEST(test_records_longest_names_taken) },
		{ HARNESS_TEST(test_records_names_beyond_their_limit_refused) },
		{ HARNESS_TEST(test_records_put_keeps_the_names_limit) },
		{ HARNESS_TEST(
			test_records_changed_at_random_refused_or_within_limits) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
