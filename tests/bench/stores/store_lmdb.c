/*
 * store_lmdb.c - LMDB: raw articles by id
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

struct reader {
	MDB_txn *txn;
	MDB_dbi table;
};

static void must(int status)
{
	if (status != 0)
		die("%s", mdb_strerror(status));
}

static MDB_env *env_open(const struct job *job, unsigned int flags)
{
	uint64_t bytes = 0;
	MDB_env *env;

	for (size_t i = 0; i < job->articles.count; i++)
		bytes += job->articles.all[i].len + 8192;
	must(mdb_env_create(&env));
	must(mdb_env_set_mapsize(env, bytes * 2 + ((size_t)64 << 20)));
	must(mdb_env_open(env, job->path, flags | MDB_NOSUBDIR, 0644));
	return env;
}

static const struct articles *sorted_articles;

static int by_id(const void *a, const void *b)
{
	const struct article *all = sorted_articles->all;

	return memcmp(all[*(const size_t *)a].id, all[*(const size_t *)b].id,
		      ID_SIZE);
}

/* in the order of keys, which LMDB packs best */
static void lmdb_build(const struct job *job)
{
	size_t n = job->articles.count;
	size_t *order = must_alloc(NULL, n * sizeof(*order));
	int tree = open(job->tree, O_RDONLY | O_DIRECTORY);
	MDB_env *env = env_open(job, MDB_NOSYNC);
	struct value value = { NULL, 0, 0 };
	MDB_txn *txn;
	MDB_dbi table;

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	sorted_articles = &job->articles;
	qsort(order, n, sizeof(*order), by_id);
	must(mdb_txn_begin(env, NULL, 0, &txn));
	must(mdb_dbi_open(txn, NULL, 0, &table));
	for (size_t i = 0; i < n; i++) {
		struct article *a = &job->articles.all[order[i]];
		MDB_val key = { ID_SIZE, a->id }, data;

		value_read_file(&value, tree, a->name);
		data = (MDB_val){ value.len, value.p };
		must(mdb_put(txn, table, &key, &data, MDB_APPEND));
	}
	must(mdb_txn_commit(txn));
	must(mdb_env_sync(env, 1));
	mdb_env_close(env);
	close(tree);
	free(order);
	free(value.p);
}

static void *lmdb_open(const struct job *job)
{
	return env_open(job, MDB_RDONLY | MDB_NOTLS);
}

static void lmdb_close(void *db)
{
	mdb_env_close(db);
}

static void *lmdb_reader_open(void *db)
{
	struct reader *r = must_alloc(NULL, sizeof(*r));

	must(mdb_txn_begin(db, NULL, MDB_RDONLY, &r->txn));
	must(mdb_dbi_open(r->txn, NULL, 0, &r->table));
	return r;
}

static void lmdb_reader_close(void *reader)
{
	struct reader *r = reader;

	mdb_txn_abort(r->txn);
	free(r);
}

static void lmdb_get(void *reader, const struct article *a, struct value *out)
{
	struct reader *r = reader;
	MDB_val key = { ID_SIZE, (void *)(uintptr_t)a->id }, data;

	must(mdb_get(r->txn, r->table, &key, &data));
	value_set(out, data.mv_data, data.mv_size);
}

/* keys are hashes: equal ranges of the first byte are equal parts */
static uint64_t scan_part(void *reader, unsigned int part, unsigned int parts)
{
	struct reader *r = reader;
	uint8_t from[ID_SIZE] = { (uint8_t)(256 * part / parts) };
	unsigned int end = 256 * (part + 1) / parts;
	MDB_val key = { ID_SIZE, from }, data;
	uint64_t bytes = 0, sum = 0;
	MDB_cursor *cursor;
	int status;

	must(mdb_cursor_open(r->txn, r->table, &cursor));
	status = mdb_cursor_get(cursor, &key, &data, MDB_SET_RANGE);
	while (status == 0 && *(uint8_t *)key.mv_data < end) {
		sum += touch(data.mv_data, data.mv_size);
		bytes += data.mv_size;
		status = mdb_cursor_get(cursor, &key, &data, MDB_NEXT);
	}
	if (status != MDB_NOTFOUND)
		must(status);
	mdb_cursor_close(cursor);
	return sum != UINT64_MAX ? bytes : 0;
}

static uint64_t lmdb_scan(void *db, unsigned int threads)
{
	return in_parts(db, threads, scan_part);
}

const struct store store = {
	.name = "lmdb",
	.build = lmdb_build,
	.open = lmdb_open,
	.close = lmdb_close,
	.reader_open = lmdb_reader_open,
	.reader_close = lmdb_reader_close,
	.get = lmdb_get,
	.scan = lmdb_scan,
};
