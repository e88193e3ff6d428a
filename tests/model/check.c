/*
 * check.c - the file as a whole: verified, extracted, torn, never rewritten
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "run.h"

#define TORN_MAX 6000
#define OUT "out"
#define KEEP "keep/"

static void damage_tell(const struct sheaf_damage *damage,
			const struct sheaf_record *lost, void *arg)
{
	(void)arg;
	if (damage != NULL)
		printf("damage at %llu: %s\n",
		       (unsigned long long)damage->offset, damage->what);
	else
		printf("lost: %s\n", hold_name(lost->name));
}

void check_verify(struct run *r)
{
	struct sheaf_verify_options o = { .on_damage = damage_tell };
	struct sheaf_verify_result res;
	const struct model *m = r->m;
	const struct model_commit *last = &m->commits[m->commit_count - 1];
	struct sheaf_error err;
	static const unsigned int threads[] = { 0, 1, 7 };
	size_t records, articles;
	uint64_t bytes;

	/* a copy of a footer behind the end is told as one that is damaged */
	if (r->torn_copies)
		return;
	r->doing = "verify";
	r->reached.verifies++;
	o.deep = !draw_once_in(&r->draw, 4);
	o.threads = threads[draw_below(&r->draw, 3)];
	if (sheaf_verify(RUN_CORPUS, &o, &res, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (res.damages != 0 || res.lost_articles != 0 || res.lost_records != 0)
		run_differs(r, "%llu damages", (unsigned long long)res.damages);
	model_stored(m, &records, &articles, &bytes);
	if (res.commits != m->commit_count - m->first + 1 ||
	    res.records != records || res.articles != articles ||
	    res.torn_bytes != r->torn)
		run_differs(r,
			    "%llu commits, %llu records, %llu articles, "
			    "%llu torn",
			    (unsigned long long)res.commits,
			    (unsigned long long)res.records,
			    (unsigned long long)res.articles,
			    (unsigned long long)res.torn_bytes);
	if (memcmp(res.commit_id, last->id, sizeof(last->id)) != 0)
		run_differs(r, "commit id");
}

/* --- extraction --- */

static int remove_one(const char *path, const struct stat *sb, int kind,
		      struct FTW *at)
{
	(void)sb;
	(void)kind;
	(void)at;
	return remove(path);
}

static void file_same(struct run *r, const struct model_record *w)
{
	const struct model_article *a = &r->m->articles[w->article];
	uint8_t *p = model_alloc(a->len + 1);
	char path[256];
	struct stat sb;
	int fd;

	snprintf(path, sizeof(path), OUT "/%.*s", (int)w->name.len, w->name.p);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &sb) != 0)
		run_differs(r, "%s: %s", hold_name(w->name), strerror(errno));
	if (read(fd, p, a->len + 1) != (ssize_t)a->len ||
	    memcmp(p, a->p, a->len) != 0)
		run_differs(r, "%s: other bytes", hold_name(w->name));
	if (sb.st_mtim.tv_sec != w->mtime.sec ||
	    sb.st_mtim.tv_nsec != (long)w->mtime.nsec)
		run_differs(r, "%s: other time", hold_name(w->name));
	close(fd);
	free(p);
}

static size_t files_found; /* nftw() has no argument to hand on */

static int count_one(const char *path, const struct stat *sb, int kind,
		     struct FTW *at)
{
	(void)path;
	(void)at;
	if (kind == FTW_SL)
		return 1;
	files_found += S_ISREG(sb->st_mode);
	return 0;
}

/* all that is extracted below keep/, which no name can stand in the way of */
static size_t keep_same(struct run *r, uint64_t k)
{
	const struct model *m = r->m;
	size_t end = model_records_of(m, k), n = 0;

	for (size_t i = 0; i < end; i++) {
		const struct model_record *w = &m->records[i];

		if (w->name.len <= strlen(KEEP) ||
		    memcmp(w->name.p, KEEP, strlen(KEEP)) != 0 ||
		    model_latest(m, w->name, k) != i)
			continue;
		file_same(r, w);
		n++;
	}
	return n;
}

void check_extract(struct run *r, struct sheaf_corpus *c, uint64_t k)
{
	static const char *const globs[] = { KEEP "*" };
	struct sheaf_filter f = { .name_globs = globs, .name_glob_count = 1 };
	struct sheaf_folder_result res;
	struct sheaf_error err;
	bool all = draw_once_in(&r->draw, 4);
	size_t wanted;

	r->doing = "extract";
	r->reached.extracts++;
	if (sheaf_folder_extract(c, OUT, all ? NULL : &f, NULL, &res, &err) !=
	    SHEAF_OK)
		run_differs(r, "%s", err.text);
	wanted = keep_same(r, k);
	files_found = 0;
	if (nftw(OUT, count_one, 16, FTW_PHYS) != 0 || files_found != res.files)
		run_differs(r, "%zu files are there, %llu were told",
			    files_found, (unsigned long long)res.files);
	if (!all && res.files != wanted)
		run_differs(r, "%llu files instead of %zu",
			    (unsigned long long)res.files, wanted);
	if (nftw(OUT, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		run_differs(r, "%s: %s", OUT, strerror(errno));
}

/* --- the bytes --- */

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static bool is_sync(const uint8_t *p)
{
	return memcmp(p, "Z*M\x18", 4) == 0 &&
	       memcmp(p + 8, "\xf5\xc0\xfe\xc1", 4) == 0;
}

/* frames without a gap [S-2], the sync pattern at their starts only [S-11] */
static void frames_walk(struct run *r, const uint8_t *p, size_t size)
{
	size_t at = 0, n;

	while (at < size) {
		if (size - at >= 8 && u32(p + at) >> 4 == 0x184d2a5)
			n = 8 + (size_t)u32(p + at + 4);
		else
			n = ZSTD_findFrameCompressedSize(p + at, size - at);
		if (ZSTD_isError(n) || n > size - at)
			run_differs(r, "no frame at %zu", at);
		for (size_t i = at + 1; i < at + n && i + 12 <= size; i++)
			if (p[i] == 'Z' && is_sync(p + i))
				run_differs(r, "a false sync at %zu", i);
		at += n;
	}
}

void check_file(struct run *r)
{
	size_t size = (size_t)r->m->commits[r->m->commit_count - 1].end;
	size_t before = r->draw.file_len;
	uint8_t *p = model_alloc(size);
	FILE *f = fopen(RUN_CORPUS, "rb");

	r->doing = "file";
	if (f == NULL || fread(p, 1, size, f) != size)
		run_differs(r, "shorter than its last commit");
	if (fgetc(f) == EOF ? r->torn != 0 : r->torn == 0)
		run_differs(r, "longer than its last commit");
	fclose(f);
	if (before > size || (before != 0 && memcmp(p, r->file, before) != 0))
		run_differs(r, "what was committed before has changed");
	frames_walk(r, p, size);
	free(r->file);
	r->file = p;
	r->draw.file = p;
	r->draw.file_len = size;
}

void check_torn(struct run *r)
{
	struct draw *d = &r->draw;
	uint8_t p[TORN_MAX];
	size_t len = 1 + draw_below(d, TORN_MAX);
	FILE *f = fopen(RUN_CORPUS, "ab");

	memset(p, 0, sizeof(p));
	switch (draw_below(d, 4)) {
	case 0:
		break;
	case 1: /* from anywhere */
	case 2: /* of the last commit, or of all if that is short */
		check_file(r);
		len = len < d->file_len ? len : d->file_len;
		memcpy(p,
		       d->file + (draw_once_in(d, 2) ?
					  d->file_len - len :
					  draw_below(d, d->file_len - len + 1)),
		       len);
		r->torn_copies = true;
		break;
	default:
		draw_bytes(d, p, len);
	}
	r->doing = "torn tail";
	if (f == NULL || fwrite(p, 1, len, f) != len || fclose(f) != 0)
		run_differs(r, "%s: %s", RUN_CORPUS, strerror(errno));
	r->torn += len;
	r->reached.torn++;
}
