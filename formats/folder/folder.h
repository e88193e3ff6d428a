/*
 * folder.h - what the files of the folder format share
 *
 * In: read.c checks the paths and names them (name.c), walk.c goes through the
 * folders (list.c reads one), file.c takes one file, contain.c what holds many
 * articles, stdin.c standard input.  Out: write.c goes through
 * the records, place.c opens the folder that one belongs in.  note.c tells
 * what went wrong with one of them.
 */
#ifndef FORMATS_FOLDER_FOLDER_H
#define FORMATS_FOLDER_FOLDER_H

#include <sys/stat.h>

#include <sheaf/folder.h>

#include "base/buf.h"
#include "formats/container.h"

enum {
	/* components of a name: a folder is open for each while it is walked */
	FOLDER_DEPTH_MAX = 256,
};

/* --- note.c --- */

/* who is told, may be nobody */
struct folder_notes {
	sheaf_note_fn *fn;
	void *arg;
};

/* "NAME: TEXT", and ": " with the reason unless @sys_errno is 0 */
void folder_note(const struct folder_notes *notes, struct sheaf_str name,
		 int sys_errno, const char *text);

/* --- name.c --- */

/*
 * folder_name_of() - the name that a path gets
 * @out: emptied, then the name, without a NUL; empty for a path that adds
 *       nothing to the names below it, "." for one
 *
 * Returns SHEAF_OK, SHEAF_MISUSE (not below @base), SHEAF_IO or SHEAF_NOMEM.
 */
enum sheaf_status folder_name_of(struct buf *out, const char *path,
				 const char *base, struct sheaf_error *err);
/* components of a name; 0 for the empty one */
size_t folder_name_depth(struct sheaf_str name);
/* NULL if files can have this name below any folder, else why not */
const char *folder_name_refuse(struct sheaf_str name);

/* --- list.c --- */

enum folder_kind {
	FOLDER_FILE = 'f',
	FOLDER_FOLDER = 'd',
	FOLDER_LINK = 'l',
	FOLDER_SPECIAL = 's',
};

/* the names in one folder, sorted so that a walk visits full paths in bytewise
 * order */
struct folder_list {
	struct buf text;
	char **entry; /* each its kind, then its name, folders with a "/" */
	size_t count;
};

/*
 * folder_list_read() - what is in the folder @fd, which stays open
 * @sys_errno: set where SHEAF_IO is returned; the list holds what was read
 *
 * Returns SHEAF_OK, SHEAF_IO or SHEAF_NOMEM.
 */
enum sheaf_status folder_list_read(struct folder_list *list, int fd,
				   int *sys_errno);
void folder_list_done(struct folder_list *list);

/* --- file.c --- */

/* all that one call of sheaf_folder_add() needs on its way */
struct folder_add {
	struct sheaf_writer *writer;
	const struct sheaf_folder_options *options;
	struct sheaf_folder_result *result;
	struct folder_notes notes;
	const char *format;		   /* NULL: guess */
	const struct container *container; /* NULL: guess, unless format is set
					    */
	struct sheaf_parsed *parsed;
	struct buf name;   /* of what is looked at */
	struct buf bytes;  /* of one file, used again for the next */
	struct buf member; /* what a note on a container's article is about */
};

/* the name as it stands, borrowed */
struct sheaf_str folder_add_name(const struct folder_add *add);
/* not stored, and why */
void folder_add_failed(struct folder_add *add, int sys_errno, const char *why);
void folder_add_skipped(struct folder_add *add, const char *why);
/*
 * folder_add_file() - give the file @fd to the writer, under the name as it
 * stands
 *
 * Closes @fd.  What is wrong with this file alone is told and counted.
 * Returns SHEAF_OK or what ends the whole call.
 */
enum sheaf_status folder_add_file(struct folder_add *add, int fd,
				  struct sheaf_error *err);

/* parsed by @a's format, which is guessed if NULL, unless it has fields; counts
 * it.  SHEAF_OK, also where the writer refuses it, or what ends the call */
enum sheaf_status folder_add_article(struct folder_add *add,
				     struct sheaf_article *a,
				     struct sheaf_error *err);
/* counts @a, which the writer said @st to, with @why; the same */
enum sheaf_status folder_added(struct folder_add *add,
			       const struct sheaf_article *a,
			       enum sheaf_status st,
			       const struct sheaf_error *why,
			       struct sheaf_error *err);
struct sheaf_time folder_mtime(const struct stat *sb);
/* is it the very file that @before told of, untouched */
bool folder_unchanged(int fd, const struct stat *before);

/* --- contain.c --- */

/*
 * folder_contain_bytes() - read add->bytes, all of a file, as a container if
 * they are one
 * @taken: they were; else nothing was done
 */
enum sheaf_status folder_contain_bytes(struct folder_add *add,
				       const struct stat *sb, bool *taken,
				       struct sheaf_error *err);
/* the same for what @fd has from here on, of any size */
enum sheaf_status folder_contain_fd(struct folder_add *add, int fd,
				    const struct stat *sb, bool *taken,
				    struct sheaf_error *err);
/* the same for an open stream, @in */
enum sheaf_status folder_contain(struct folder_add *add, struct stream *in,
				 const struct stat *sb, bool *taken,
				 struct sheaf_error *err);
/* what is wrong with the file as it stands, in the caller's error */
enum sheaf_status folder_input_failed(struct folder_add *add,
				      const struct sheaf_error *why,
				      struct sheaf_error *err);

/* --- stdin.c --- */

/* standard input, under the name as it stands */
enum sheaf_status folder_add_stdin(struct folder_add *add,
				   struct sheaf_error *err);

/* --- walk.c --- */

/* all below the folder @fd, which it closes; the name as it stands is the
 * folder's */
enum sheaf_status folder_add_walk(struct folder_add *add, int fd,
				  struct sheaf_error *err);

/* --- place.c --- */

/* 24,262 press releases in 117 folders, in the order of likeness, 2 threads:
 * 35,000 folders opened on the way with 16, 14,000 with 64, 850 with 256 */
enum { FOLDER_KEEP_MAX = 256 };

struct folder_kept {
	int fd;	       /* -1: none */
	uint32_t hash; /* of the name */
	struct buf name;
};

/* the folders that the latest records of one thread went into, kept open */
struct folder_place {
	int root;	   /* the folder that all is below; borrowed */
	unsigned int keep; /* how many stay open: 1 to FOLDER_KEEP_MAX */
	unsigned int next; /* to be closed */
	struct folder_kept kept[FOLDER_KEEP_MAX];
};

void folder_place_init(struct folder_place *place, int root, unsigned int keep);
void folder_place_done(struct folder_place *place);
/*
 * folder_place_open() - the folder of a record, made if need be
 * @parent: the name without its last component; may be empty
 * @fd:     borrowed until the next call
 *
 * Follows no links; several threads may do it, each with a place of its own.
 * Returns 0 or an errno, ENOTDIR where something else
 * stands in the way.
 */
int folder_place_open(struct folder_place *place, struct sheaf_str parent,
		      int *fd);

#endif
