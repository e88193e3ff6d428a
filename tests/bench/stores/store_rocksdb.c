/*
 * store_rocksdb.c - RocksDB: zstd with a trained dictionary, by id
 *
 * Options: bottommost and other levels zstd, max_dict_bytes of -d,
 * zstd_max_train_bytes a hundred times that, as its documentation says;
 * blocks of -b bytes; bloom filter of 10 bits; block cache 8 MiB, as much as
 * sheaf keeps of decoded blocks; reads through mmap; one full compaction.
 */
#include <fcntl.h>
#include <rocksdb/c.h>
#include <stdlib.h>
#include <unistd.h>

#include "store.h"

#define CACHE_SIZE ((size_t)8 << 20)
#define BLOOM_BITS 10
#define TRAIN_FACTOR 100
#define WINDOW_BITS (-14) /* RocksDB's own default; zstd does not use it */
#define WRITE_BUFFER ((size_t)64 << 20)

static void must(char *err)
{
	if (err != NULL)
		die("%s", err);
}

static void set_compression(rocksdb_options_t *o, const struct job *job)
{
	int dictionary = (int)job->dictionary;
	int train = dictionary * TRAIN_FACTOR;

	rocksdb_options_set_compression(o, rocksdb_zstd_compression);
	rocksdb_options_set_compression_options(o, WINDOW_BITS, job->level, 0,
						dictionary);
	rocksdb_options_set_compression_options_zstd_max_train_bytes(o, train);
	rocksdb_options_set_bottommost_compression(o, rocksdb_zstd_compression);
	rocksdb_options_set_bottommost_compression_options(
		o, WINDOW_BITS, job->level, 0, dictionary, 1);
	rocksdb_options_set_bottommost_compression_options_zstd_max_train_bytes(
		o, train, 1);
}

static rocksdb_options_t *options_new(const struct job *job)
{
	rocksdb_options_t *o = rocksdb_options_create();
	rocksdb_block_based_table_options_t *table =
		rocksdb_block_based_options_create();

	rocksdb_block_based_options_set_block_size(table, job->block);
	rocksdb_block_based_options_set_filter_policy(
		table, rocksdb_filterpolicy_create_bloom_full(BLOOM_BITS));
	rocksdb_block_based_options_set_block_cache(
		table, rocksdb_cache_create_lru(CACHE_SIZE));
	rocksdb_options_set_block_based_table_factory(o, table);
	rocksdb_options_set_create_if_missing(o, 1);
	rocksdb_options_set_allow_mmap_reads(o, 1);
	rocksdb_options_set_write_buffer_size(o, WRITE_BUFFER);
	rocksdb_options_increase_parallelism(o, 2);
	set_compression(o, job);
	return o;
}

static void compact(rocksdb_t *db)
{
	rocksdb_compactoptions_t *c = rocksdb_compactoptions_create();
	rocksdb_flushoptions_t *f = rocksdb_flushoptions_create();
	char *err = NULL;

	rocksdb_flush(db, f, &err);
	must(err);
	/* 2: also what lies at the bottom already */
	rocksdb_compactoptions_set_bottommost_level_compaction(c, 2);
	rocksdb_compact_range_opt(db, c, NULL, 0, NULL, 0);
}

static void rocksdb_build(const struct job *job)
{
	rocksdb_options_t *options = options_new(job);
	rocksdb_writeoptions_t *w = rocksdb_writeoptions_create();
	int tree = open(job->tree, O_RDONLY | O_DIRECTORY);
	struct value value = { NULL, 0, 0 };
	char *err = NULL;
	rocksdb_t *db = rocksdb_open(options, job->path, &err);

	must(err);
	rocksdb_writeoptions_disable_WAL(w, 1);
	for (size_t i = 0; i < job->articles.count; i++) {
		const struct article *a = &job->articles.all[i];

		value_read_file(&value, tree, a->name);
		rocksdb_put(db, w, (const char *)a->id, ID_SIZE,
			    (const char *)value.p, value.len, &err);
		must(err);
	}
	compact(db);
	rocksdb_close(db);
	close(tree);
	free(value.p);
}

static void *rocksdb_store_open(const struct job *job)
{
	char *err = NULL;
	rocksdb_t *db = rocksdb_open_for_read_only(options_new(job), job->path,
						   0, &err);

	must(err);
	return db;
}

static void rocksdb_store_close(void *db)
{
	rocksdb_close(db);
}

struct reader {
	rocksdb_t *db;
	rocksdb_readoptions_t *options;
};

static void *rocksdb_reader_open(void *db)
{
	struct reader *r = must_alloc(NULL, sizeof(*r));

	r->db = db;
	r->options = rocksdb_readoptions_create();
	return r;
}

static void rocksdb_reader_close(void *reader)
{
	struct reader *r = reader;

	rocksdb_readoptions_destroy(r->options);
	free(r);
}

static void rocksdb_store_get(void *reader, const struct article *a,
			      struct value *out)
{
	struct reader *r = reader;
	rocksdb_pinnableslice_t *slice;
	char *err = NULL;
	const char *p;
	size_t len;

	slice = rocksdb_get_pinned(r->db, r->options, (const char *)a->id,
				   ID_SIZE, &err);
	must(err);
	if (slice == NULL)
		die("%s: not found", a->name);
	p = rocksdb_pinnableslice_value(slice, &len);
	value_set(out, p, len);
	rocksdb_pinnableslice_destroy(slice);
}

/* keys are hashes: equal ranges of the first byte are equal parts */
static uint64_t scan_part(void *reader, unsigned int part, unsigned int parts)
{
	struct reader *r = reader;
	unsigned int end = 256 * (part + 1) / parts;
	char from = (char)(256 * part / parts);
	uint64_t bytes = 0, sum = 0;
	rocksdb_iterator_t *it;
	char *err = NULL;

	rocksdb_readoptions_set_fill_cache(r->options, 0);
	it = rocksdb_create_iterator(r->db, r->options);
	rocksdb_iter_seek(it, &from, 1);
	for (; rocksdb_iter_valid(it); rocksdb_iter_next(it)) {
		size_t len;

		if ((uint8_t)rocksdb_iter_key(it, &len)[0] >= end)
			break;
		sum += touch(rocksdb_iter_value(it, &len), len);
		bytes += len;
	}
	rocksdb_iter_get_error(it, &err);
	must(err);
	rocksdb_iter_destroy(it);
	return sum != UINT64_MAX ? bytes : 0;
}

static uint64_t rocksdb_store_scan(void *db, unsigned int threads)
{
	return in_parts(db, threads, scan_part);
}

const struct store store = {
	.name = "rocksdb",
	.build = rocksdb_build,
	.open = rocksdb_store_open,
	.close = rocksdb_store_close,
	.reader_open = rocksdb_reader_open,
	.reader_close = rocksdb_reader_close,
	.get = rocksdb_store_get,
	.scan = rocksdb_store_scan,
};
