/*
 * save.h - write an article to a file below a folder, and nowhere else
 */
#ifndef SHEAF_TOOL_SAVE_H
#define SHEAF_TOOL_SAVE_H

#include <sheaf/corpus.h>

struct save {
	int dir; /* descriptor of the folder */
	bool overwrite;
	bool full; /* the disk was, for the last one: no use in going on */
};

/*
 * save_open() - make the folder @path if it is absent, and open it
 *
 * Returns the exit status, after a message if it is not STATUS_YES; so do the
 * others.
 */
int save_open(struct save *out, const char *path);
void save_done(struct save *save);

/* whether a name says a place below a folder: no part is "", "." or ".." */
bool save_is_safe(struct sheaf_str name);

/*
 * save_file() - write @len bytes at @p to the file @name below the folder
 * @name: a safe one; its folders are made, and links on the way not followed
 * @mtime: NULL: now
 */
int save_file(struct save *save, struct sheaf_str name, const void *p,
	      size_t len, const struct sheaf_time *mtime);

#endif
