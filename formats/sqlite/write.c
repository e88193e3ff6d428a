/*
 * write.c - articles into a SQLite database with a full-text index
 *
 * The tables are in mapping.md.  One transaction on a draft that nobody sees
 * until it is whole, so there is no journal and nothing is synced meanwhile:
 * what memory has no room for goes into the file itself.  The full-text index
 * keeps no second copy of the text ("external content"), which is what makes
 * the database half as large.  The indexes of the tables are made at the end,
 * each by one sort.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "article/utf8.h"
#include "formats/writer.h"

/* 32 MiB of pages; the sorts at the end go to files beyond that */
static const char start[] =
	"PRAGMA journal_mode = OFF;"
	"PRAGMA synchronous = OFF;"
	"PRAGMA locking_mode = EXCLUSIVE;"
	"PRAGMA cache_size = -32768;"
	"PRAGMA application_id = 1936220518;" /* "shaf" */
	"PRAGMA user_version = 1;"
	"BEGIN;"
	"CREATE TABLE articles ("
	" article INTEGER PRIMARY KEY,"
	" id TEXT NOT NULL,"
	" name NOT NULL,"
	" mtime TEXT NOT NULL,"
	" format TEXT NOT NULL,"
	" commit_number INTEGER NOT NULL,"
	" date TEXT,"
	" title TEXT,"
	" outlet TEXT,"
	" url TEXT,"
	" lang TEXT,"
	" text);"
	"CREATE TABLE categories ("
	" article INTEGER NOT NULL REFERENCES articles,"
	" category TEXT NOT NULL);"
	"CREATE TABLE tags ("
	" article INTEGER NOT NULL REFERENCES articles,"
	" tag TEXT NOT NULL);"
	"CREATE VIEW fields AS SELECT article, id, name, date, title, outlet,"
	" url, lang FROM articles;"
	"CREATE VIRTUAL TABLE search USING fts5(title, text,"
	" content = 'articles', content_rowid = 'article');";

static const char end[] =
	"INSERT INTO search(search) VALUES('optimize');"
	"CREATE INDEX articles_id ON articles(id);"
	"CREATE INDEX articles_name ON articles(name);"
	"CREATE INDEX articles_url ON articles(url);"
	"CREATE INDEX articles_date ON articles(date);"
	"CREATE INDEX articles_outlet ON articles(outlet);"
	"CREATE INDEX categories_article ON categories(article);"
	"CREATE INDEX categories_category ON categories(category);"
	"CREATE INDEX tags_article ON tags(article);"
	"CREATE INDEX tags_tag ON tags(tag);"
	"COMMIT;";

enum statement { ARTICLE, SEARCH, CATEGORY, TAG, STATEMENT_COUNT };

static const char *const texts[STATEMENT_COUNT] = {
	[ARTICLE] = "INSERT INTO articles VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
	[SEARCH] = "INSERT INTO search(rowid, title, text) VALUES(?,?,?)",
	[CATEGORY] = "INSERT INTO categories VALUES(?,?)",
	[TAG] = "INSERT INTO tags VALUES(?,?)",
};

struct state {
	struct writer_target target;
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	sqlite3_int64 article;
};

static enum sheaf_status failed(const struct state *s, struct sheaf_error *err)
{
	int rc = sqlite3_errcode(s->db);
	int sys_errno = sqlite3_system_errno(s->db);
	char text[FAIL_PATH_SIZE];

	if (rc == SQLITE_NOMEM)
		return fail_nomem(err);
	if (rc == SQLITE_FULL && sys_errno == 0)
		sys_errno = ENOSPC;
	if (sys_errno != 0)
		return fail_io(err, sys_errno,
			       "%s: the database cannot be written",
			       writer_shown(&s->target, text));
	return fail(err, SHEAF_LIMIT, "the database cannot be written: %s",
		    sqlite3_errmsg(s->db));
}

static void sqlite_free(void *state)
{
	struct state *s = state;

	if (!s)
		return;
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	free(s);
}

static enum sheaf_status sqlite_open(void **state,
				     const struct writer_target *target,
				     struct sheaf_error *err)
{
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return fail_nomem(err);
	s->target = *target;
	rc = sqlite3_open_v2(target->path, &s->db, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, start, NULL, NULL, NULL);
	for (int i = 0; rc == SQLITE_OK && i < STATEMENT_COUNT; i++)
		rc = sqlite3_prepare_v3(s->db, texts[i], -1,
					SQLITE_PREPARE_PERSISTENT,
					&s->statements[i], NULL);
	if (rc == SQLITE_OK) {
		*state = s;
		return SHEAF_OK;
	}
	if (s->db)
		failed(s, err);
	else
		fail_nomem(err);
	sqlite_free(s);
	return err ? err->status : SHEAF_IO;
}

/* text, or a blob where the bytes are none; NULL where there is nothing */
static void bind(sqlite3_stmt *stmt, int at, const void *p, size_t len)
{
	if (!memchr(p, '\0', len) && utf8_valid(p, len))
		sqlite3_bind_text64(stmt, at, p, len, SQLITE_STATIC,
				    SQLITE_UTF8);
	else
		sqlite3_bind_blob64(stmt, at, p, len, SQLITE_STATIC);
}

static void bind_field(sqlite3_stmt *stmt, int at, struct sheaf_str v)
{
	if (v.len > 0)
		bind(stmt, at, v.p, v.len);
}

static void bind_time(sqlite3_stmt *stmt, int at, struct sheaf_time time)
{
	char text[WRITER_TIME_SIZE];

	writer_time(text, time);
	sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
}

static enum sheaf_status step(struct state *s, enum statement which,
			      struct sheaf_error *err)
{
	sqlite3_stmt *stmt = s->statements[which];
	int rc = sqlite3_step(stmt);

	if (rc != SQLITE_DONE)
		return failed(s, err);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return SHEAF_OK;
}

static enum sheaf_status put_article(struct state *s,
				     const struct writer_item *item,
				     struct sheaf_error *err)
{
	sqlite3_stmt *stmt = s->statements[ARTICLE];
	const struct sheaf_record *record = item->record;
	const struct sheaf_fields *fields = item->fields;
	char hex[SHEAF_ID_HEX + 1];

	sheaf_id_hex(item->id, hex);
	sqlite3_bind_int64(stmt, 1, s->article);
	sqlite3_bind_text(stmt, 2, hex, SHEAF_ID_HEX, SQLITE_STATIC);
	bind(stmt, 3, record->name.len ? record->name.p : "", record->name.len);
	bind_time(stmt, 4, record->mtime);
	bind(stmt, 5, record->format.len ? record->format.p : "",
	     record->format.len);
	sqlite3_bind_int64(stmt, 6, (sqlite3_int64)record->commit);
	if (fields->has_date)
		bind_time(stmt, 7, (struct sheaf_time){ .sec = fields->date });
	bind_field(stmt, 8, fields->title);
	bind_field(stmt, 9, fields->outlet);
	bind_field(stmt, 10, fields->url);
	bind_field(stmt, 11, fields->lang);
	bind(stmt, 12, item->text_len ? item->text : "", item->text_len);
	return step(s, ARTICLE, err);
}

static enum sheaf_status put_search(struct state *s,
				    const struct writer_item *item,
				    struct sheaf_error *err)
{
	sqlite3_stmt *stmt = s->statements[SEARCH];

	sqlite3_bind_int64(stmt, 1, s->article);
	bind_field(stmt, 2, item->fields->title);
	bind(stmt, 3, item->text_len ? item->text : "", item->text_len);
	return step(s, SEARCH, err);
}

static enum sheaf_status put_list(struct state *s, enum statement which,
				  const struct sheaf_str *values, size_t count,
				  struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; st == SHEAF_OK && i < count; i++) {
		sqlite3_bind_int64(s->statements[which], 1, s->article);
		bind_field(s->statements[which], 2, values[i]);
		st = step(s, which, err);
	}
	return st;
}

static enum sheaf_status sqlite_put(void *state, const struct writer_item *item,
				    struct sheaf_error *err)
{
	const struct sheaf_fields *fields = item->fields;
	struct state *s = state;
	enum sheaf_status st;

	s->article++;
	st = put_article(s, item, err);
	if (st == SHEAF_OK)
		st = put_search(s, item, err);
	if (st == SHEAF_OK)
		st = put_list(s, CATEGORY, fields->categories,
			      fields->category_count, err);
	if (st == SHEAF_OK)
		st = put_list(s, TAG, fields->tags, fields->tag_count, err);
	return st;
}

static enum sheaf_status sqlite_finish(void *state, struct sheaf_error *err)
{
	struct state *s = state;

	if (sqlite3_exec(s->db, end, NULL, NULL, NULL) != SQLITE_OK)
		return failed(s, err);
	return SHEAF_OK;
}

const struct writer_format writer_sqlite = {
	.name = "sqlite",
	.is_binary = true,
	.needs_file = true,
	.open = sqlite_open,
	.put = sqlite_put,
	.finish = sqlite_finish,
	.free = sqlite_free,
};
