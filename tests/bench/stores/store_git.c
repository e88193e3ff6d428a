/*
 * store_git.c - a packed git repository through libgit2, blobs by their ids
 */
#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

struct packed {
	const struct job *job;
	git_oid *oids; /* of the articles */
};

struct reader {
	struct packed *packed;
	git_repository *repository;
};

static void must(int status)
{
	const git_error *e;

	if (status >= 0)
		return;
	e = git_error_last();
	die("libgit2: %s", e != NULL ? e->message : "?");
}

static void *git_open(const struct job *job)
{
	struct packed *packed = must_alloc(NULL, sizeof(*packed));

	git_libgit2_init();
	*packed = (struct packed){ .job = job };
	return packed;
}

static void git_close(void *db)
{
	struct packed *packed = db;

	free(packed->oids);
	free(packed);
	git_libgit2_shutdown();
}

static void *git_reader_open(void *db)
{
	struct reader *r = must_alloc(NULL, sizeof(*r));

	r->packed = db;
	must(git_repository_open_bare(&r->repository, r->packed->job->path));
	return r;
}

static void git_reader_close(void *reader)
{
	struct reader *r = reader;

	git_repository_free(r->repository);
	free(r);
}

static int by_name(const void *key, const void *article)
{
	return strcmp(key, ((const struct article *)article)->name);
}

static int entry_note(const char *root, const git_tree_entry *entry, void *arg)
{
	struct packed *packed = arg;
	const struct articles *articles = &packed->job->articles;
	const struct article *found;
	const char *name = git_tree_entry_name(entry);
	size_t len = strlen(root);
	char *path;

	if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
		return 0;
	path = must_alloc(NULL, len + strlen(name) + 1);
	memcpy(path, root, len);
	strcpy(path + len, name);
	found = bsearch(path, articles->all, articles->count,
			sizeof(*articles->all), by_name);
	if (found != NULL)
		packed->oids[found - articles->all] = *git_tree_entry_id(entry);
	free(path);
	return 0;
}

static void git_prepare(void *db)
{
	struct packed *packed = db;
	size_t n = packed->job->articles.count;
	struct reader *r = git_reader_open(db);
	git_object *tree;

	packed->oids = must_alloc(NULL, n * sizeof(*packed->oids));
	memset(packed->oids, 0, n * sizeof(*packed->oids));
	must(git_revparse_single(&tree, r->repository, "HEAD^{tree}"));
	must(git_tree_walk((git_tree *)tree, GIT_TREEWALK_PRE, entry_note,
			   packed));
	git_object_free(tree);
	git_reader_close(r);
}

static void git_get(void *reader, const struct article *a, struct value *out)
{
	struct reader *r = reader;
	git_blob *blob;

	must(git_blob_lookup(
		&blob, r->repository,
		&r->packed->oids[a - r->packed->job->articles.all]));
	value_set(out, git_blob_rawcontent(blob),
		  (size_t)git_blob_rawsize(blob));
	git_blob_free(blob);
}

const struct store store = {
	.name = "git",
	.open = git_open,
	.close = git_close,
	.reader_open = git_reader_open,
	.reader_close = git_reader_close,
	.prepare = git_prepare,
	.get = git_get,
};
