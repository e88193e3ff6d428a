/*
 * store_sqlite.c - SQLite: articles by id, raw or through zstd
 *
 * A table with row numbers and a unique id, pages of 4 KB, mmap: on lctt 24.7
 * MB, 4.9 us a get; without rowid 27.1 MB, 9.3 us; pages of 16 KB 29.1 MB, 4.6
 * us.
 *
 * With -d: blobs compressed at level -l with a dictionary of that size at most,
 * trained by ZDICT on all articles and kept in the same file.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zdict.h>
#include <zstd.h>

#include "store.h"

#define MAP_SIZE "274877906944" /* pragma mmap_size: the whole file */
#define TRAIN_FACTOR 100	/* samples: so many times the dictionary */
#define TRAIN_MAX ((size_t)1 << 30)

struct database {
	const struct job *job;
	ZSTD_DDict *dictionary; /* NULL: raw */
};

struct reader {
	struct database *database;
	sqlite3 *db;
	sqlite3_stmt *get;
	ZSTD_DCtx *zstd;
	struct value packed;
};

static void must(sqlite3 *db, int status)
{
	if (status != SQLITE_OK && status != SQLITE_DONE &&
	    status != SQLITE_ROW)
		die("%s", sqlite3_errmsg(db));
}

static size_t must_zstd(size_t result)
{
	if (ZSTD_isError(result))
		die("zstd: %s", ZSTD_getErrorName(result));
	return result;
}

static sqlite3 *db_open(const char *path, int flags)
{
	sqlite3 *db;

	must(db, sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL));
	must(db,
	     sqlite3_exec(db, "pragma mmap_size=" MAP_SIZE, NULL, NULL, NULL));
	return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;

	must(db, sqlite3_prepare_v2(db, sql, -1, &s, NULL));
	return s;
}

/* --- building --- */

static size_t train(const struct job *job, int tree, struct value *out)
{
	size_t n = job->articles.count, used = 0, step, bytes = 0;
	size_t *sizes = must_alloc(NULL, n * sizeof(*sizes));
	struct value all = { NULL, 0, 0 }, one = { NULL, 0, 0 };
	size_t limit = job->dictionary * TRAIN_FACTOR;
	uint64_t total = 0;

	if (limit > TRAIN_MAX)
		limit = TRAIN_MAX;
	for (size_t i = 0; i < n; i++)
		total += job->articles.all[i].len;
	step = (size_t)(total / limit) + 1;
	value_room(&all, (size_t)(total < limit ? total : limit) +
				 ((size_t)64 << 20));
	for (size_t i = 0; i < n; i += step) {
		value_read_file(&one, tree, job->articles.all[i].name);
		if (bytes + one.len > all.cap)
			break;
		memcpy(all.p + bytes, one.p, one.len);
		bytes += one.len;
		sizes[used++] = one.len;
	}
	value_room(out, job->dictionary);
	out->len = ZDICT_trainFromBuffer(out->p, job->dictionary, all.p, sizes,
					 (unsigned int)used);
	free(all.p);
	free(one.p);
	free(sizes);
	return ZDICT_isError(out->len) ? 0 : out->len;
}

static void dictionary_store(sqlite3 *db, const struct value *dictionary)
{
	sqlite3_stmt *s = prepare(db, "insert into dictionary values(?)");

	must(db, sqlite3_bind_blob64(s, 1, dictionary->p, dictionary->len,
				     SQLITE_STATIC));
	must(db, sqlite3_step(s));
	must(db, sqlite3_finalize(s));
}

static void article_insert(sqlite3 *db, sqlite3_stmt *insert,
			   const struct article *a, const void *p, size_t len)
{
	must(db, sqlite3_bind_blob(insert, 1, a->id, ID_SIZE, SQLITE_STATIC));
	/* a NULL pointer would be an SQL NULL */
	must(db, sqlite3_bind_blob64(insert, 2, len != 0 ? p : "", len,
				     SQLITE_STATIC));
	must(db, sqlite3_step(insert));
	must(db, sqlite3_reset(insert));
}

static void articles_insert(const struct job *job, sqlite3 *db, int tree,
			    const ZSTD_CDict *dictionary)
{
	sqlite3_stmt *insert =
		prepare(db, "insert into article(id, bytes) values(?, ?)");
	struct value plain = { NULL, 0, 0 }, packed = { NULL, 0, 0 };
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	for (size_t i = 0; i < job->articles.count; i++) {
		const struct article *a = &job->articles.all[i];
		struct value *v = &plain;

		value_read_file(&plain, tree, a->name);
		if (dictionary != NULL) {
			v = &packed;
			value_room(v, ZSTD_compressBound(plain.len));
			v->len = must_zstd(ZSTD_compress_usingCDict(
				zstd, v->p, v->cap, plain.p, plain.len,
				dictionary));
		}
		article_insert(db, insert, a, v->p, v->len);
	}
	must(db, sqlite3_finalize(insert));
	ZSTD_freeCCtx(zstd);
	free(plain.p);
	free(packed.p);
}

static void sqlite_build(const struct job *job)
{
	sqlite3 *db =
		db_open(job->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	int tree = open(job->tree, O_RDONLY | O_DIRECTORY);
	struct value dictionary = { NULL, 0, 0 };
	ZSTD_CDict *cdict = NULL;

	must(db, sqlite3_exec(db,
			      "pragma journal_mode=off;"
			      "pragma synchronous=off;"
			      "create table dictionary(bytes blob);"
			      "create table article(n integer primary key,"
			      " id blob unique, bytes blob);"
			      "begin",
			      NULL, NULL, NULL));
	if (job->dictionary != 0) {
		if (train(job, tree, &dictionary) == 0)
			die("no dictionary can be trained");
		dictionary_store(db, &dictionary);
		cdict = ZSTD_createCDict(dictionary.p, dictionary.len,
					 job->level);
	}
	articles_insert(job, db, tree, cdict);
	must(db, sqlite3_exec(db, "commit", NULL, NULL, NULL));
	must(db, sqlite3_close(db));
	ZSTD_freeCDict(cdict);
	free(dictionary.p);
	close(tree);
}

/* --- reading --- */

static void *sqlite_reader_open(void *db)
{
	struct reader *r = must_alloc(NULL, sizeof(*r));

	memset(r, 0, sizeof(*r));
	r->database = db;
	r->db = db_open(r->database->job->path, SQLITE_OPEN_READONLY);
	r->get = prepare(r->db, "select bytes from article where id=?");
	if (r->database->dictionary != NULL)
		r->zstd = ZSTD_createDCtx();
	return r;
}

static void sqlite_reader_close(void *reader)
{
	struct reader *r = reader;

	sqlite3_finalize(r->get);
	sqlite3_close(r->db);
	ZSTD_freeDCtx(r->zstd);
	free(r->packed.p);
	free(r);
}

static void *sqlite_open(const struct job *job)
{
	struct database *d = must_alloc(NULL, sizeof(*d));
	sqlite3 *db = db_open(job->path, SQLITE_OPEN_READONLY);
	sqlite3_stmt *s = prepare(db, "select bytes from dictionary");

	*d = (struct database){ .job = job };
	if (sqlite3_step(s) == SQLITE_ROW)
		d->dictionary =
			ZSTD_createDDict(sqlite3_column_blob(s, 0),
					 (size_t)sqlite3_column_bytes(s, 0));
	sqlite3_finalize(s);
	sqlite3_close(db);
	return d;
}

static void sqlite_close(void *db)
{
	struct database *d = db;

	ZSTD_freeDDict(d->dictionary);
	free(d);
}

/* the column of the current row, as an article */
static void column_take(struct reader *r, sqlite3_stmt *s, struct value *out)
{
	const void *p = sqlite3_column_blob(s, 0);
	size_t len = (size_t)sqlite3_column_bytes(s, 0);

	if (r->zstd == NULL) {
		value_set(out, p, len);
		return;
	}
	value_room(out, ZSTD_getFrameContentSize(p, len));
	must_zstd(ZSTD_decompress_usingDDict(r->zstd, out->p, out->len, p, len,
					     r->database->dictionary));
}

static void sqlite_get(void *reader, const struct article *a, struct value *out)
{
	struct reader *r = reader;

	must(r->db,
	     sqlite3_bind_blob(r->get, 1, a->id, ID_SIZE, SQLITE_STATIC));
	if (sqlite3_step(r->get) != SQLITE_ROW)
		die("%s: not found", a->name);
	column_take(r, r->get, out);
	must(r->db, sqlite3_reset(r->get));
}

static uint64_t scan_part(void *reader, unsigned int part, unsigned int parts)
{
	struct reader *r = reader;
	size_t n = r->database->job->articles.count;
	sqlite3_stmt *s = prepare(r->db, "select bytes from article"
					 " where n > ? and n <= ?");
	struct value value = { NULL, 0, 0 };
	uint64_t bytes = 0, sum = 0;

	must(r->db, sqlite3_bind_int64(s, 1, (int64_t)(n * part / parts)));
	must(r->db,
	     sqlite3_bind_int64(s, 2, (int64_t)(n * (part + 1) / parts)));
	while (sqlite3_step(s) == SQLITE_ROW) {
		column_take(r, s, &value);
		sum += touch(value.p, value.len);
		bytes += value.len;
	}
	must(r->db, sqlite3_finalize(s));
	free(value.p);
	return sum != UINT64_MAX ? bytes : 0;
}

static uint64_t sqlite_scan(void *db, unsigned int threads)
{
	return in_parts(db, threads, scan_part);
}

const struct store store = {
	.name = "sqlite",
	.build = sqlite_build,
	.open = sqlite_open,
	.close = sqlite_close,
	.reader_open = sqlite_reader_open,
	.reader_close = sqlite_reader_close,
	.get = sqlite_get,
	.scan = sqlite_scan,
};
