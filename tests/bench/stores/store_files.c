/*
 * store_files.c - plain files: open, fstat, read, close
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store.h"

static int tree;

static void *files_open(const struct job *job)
{
	tree = open(job->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree < 0)
		die("%s: %s", job->tree, strerror(errno));
	return &tree;
}

static void files_close(void *db)
{
	(void)db;
	close(tree);
}

static void files_get(void *reader, const struct article *a, struct value *out)
{
	value_read_file(out, *(int *)reader, a->name);
}

const struct store store = {
	.name = "files",
	.open = files_open,
	.close = files_close,
	.get = files_get,
};
