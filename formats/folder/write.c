/*
 * write.c - records of a corpus into a folder
 *
 * Goes through sheaf_list(), reads each article and writes it to a file beside
 * its place that gets the name only when it is whole.  Trouble with one record
 * is told and counted; a full disk ends it all, as every further record would
 * meet it too.
 */
#include "formats/folder/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

enum {
	TEMP_NAME_LEN = 48,
	TEMP_TRIES = 100,
	NSEC_MAX = 999999999,
};

struct extract {
	struct sheaf_corpus *corpus;
	const struct sheaf_extract_options *options;
	struct sheaf_folder_result *result;
	struct folder_notes notes;
	struct folder_place place;
	struct sheaf_bytes bytes;
	unsigned int temps;	  /* temporary names tried so far */
	enum sheaf_status st;	  /* what ended it, SHEAF_OK while it goes on */
	struct sheaf_error error; /* the same as a story */
};

static void failed(struct extract *x, struct sheaf_str name, int sys_errno,
		   const char *why)
{
	x->result->failed++;
	folder_note(&x->notes, name, sys_errno, why);
}

/* will the next record meet it as well */
static bool ends_all(int sys_errno)
{
	switch (sys_errno) {
	case ENOSPC:
	case EDQUOT:
	case EROFS:
	case EIO:
	case EMFILE:
	case ENFILE:
		return true;
	default:
		return false;
	}
}

/* a failed system call on the way to @name's file; @why for this file alone */
static void failed_call(struct extract *x, struct sheaf_str name, int sys_errno,
			const char *why)
{
	char shown[80];

	text_escape(shown, sizeof(shown), name.p, name.len);
	if (sys_errno == ENOMEM)
		x->st = fail_nomem(&x->error);
	else if (ends_all(sys_errno))
		x->st = fail_io(&x->error, sys_errno, "%s: %s", shown, why);
	else
		failed(x, name, sys_errno, why);
}

/* a file of its own in @dir, open for writing; -1 with errno */
static int temp_open(struct extract *x, int dir, char name[TEMP_NAME_LEN])
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = -1;

	for (int i = 0; i < TEMP_TRIES && fd < 0; i++) {
		snprintf(name, TEMP_NAME_LEN, ".sheaf-%ld-%u.tmp",
			 (long)getpid(), x->temps++);
		fd = openat(dir, name, flags, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

/* 0 or errno */
static int all_write(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static void time_set(struct extract *x, int fd,
		     const struct sheaf_record *record)
{
	struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = record->mtime.sec,
		  .tv_nsec = record->mtime.nsec <= NSEC_MAX ?
				     (long)record->mtime.nsec :
				     0 },
	};

	if (futimens(fd, times) != 0)
		folder_note(&x->notes, record->name, errno,
			    "its time can't be set");
}

/* never replaces what came to stand there meanwhile, unless told to */
static int temp_publish(int dir, const char *temp, const char *leaf,
			bool overwrite)
{
	if (!overwrite) {
		if (renameat2(dir, temp, dir, leaf, RENAME_NOREPLACE) == 0)
			return 0;
		/* a file system that can't: it was looked at just before */
		if (errno != EINVAL && errno != ENOSYS)
			return errno;
	}
	return renameat(dir, temp, dir, leaf) == 0 ? 0 : errno;
}

static void file_write(struct extract *x, int dir, const char *leaf,
		       const struct sheaf_record *record)
{
	char temp[TEMP_NAME_LEN];
	int fd = temp_open(x, dir, temp);
	int e;

	if (fd < 0) {
		failed_call(x, record->name, errno, "cannot be made");
		return;
	}
	e = all_write(fd, x->bytes.p, x->bytes.len);
	if (e == 0)
		time_set(x, fd, record);
	if (close(fd) != 0 && e == 0)
		e = errno;
	if (e == 0)
		e = temp_publish(dir, temp, leaf, x->options->overwrite);
	if (e != 0) {
		unlinkat(dir, temp, 0);
		failed_call(x, record->name, e, "cannot be written");
		return;
	}
	x->result->files++;
	x->result->bytes += x->bytes.len;
}

/* may a file be written there; tells why not */
static bool is_free(struct extract *x, int dir, const char *leaf,
		    struct sheaf_str name)
{
	struct stat sb;

	if (fstatat(dir, leaf, &sb, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			return true;
		failed_call(x, name, errno, "cannot be made");
		return false;
	}
	if (S_ISDIR(sb.st_mode)) {
		failed(x, name, 0, "a folder has this name");
		return false;
	}
	if (x->options->overwrite)
		return true;
	x->result->skipped++;
	folder_note(&x->notes, name, 0, "exists already");
	return false;
}

/* the article into x->bytes; false: told, or x->st says what ended it */
static bool article_read(struct extract *x, const struct sheaf_record *record)
{
	struct sheaf_error why = { 0 };
	enum sheaf_status st =
		sheaf_read(x->corpus, record->place, &x->bytes, NULL, &why);

	if (st == SHEAF_OK)
		return true;
	if (st == SHEAF_IO || st == SHEAF_NOMEM || st == SHEAF_CANCELLED) {
		x->st = st;
		x->error = why;
	} else {
		failed(x, record->name, 0, why.text);
	}
	return false;
}

/* @record's name is one that files can have */
static void record_write(struct extract *x, const struct sheaf_record *record)
{
	struct sheaf_str name = record->name, parent = { name.p, 0 };
	const char *slash = memrchr(name.p, '/', name.len);
	size_t skip = 0;
	char leaf[NAME_MAX + 1];
	int dir, e;

	if (slash) {
		parent.len = (size_t)(slash - name.p);
		skip = parent.len + 1;
	}
	memcpy(leaf, name.p + skip, name.len - skip);
	leaf[name.len - skip] = '\0';
	e = folder_place_open(&x->place, parent, &dir);
	if (e == ENOTDIR)
		failed(x, name, 0,
		       "a file or link is where its folder must be");
	else if (e != 0)
		failed_call(x, name, e, "its folder can't be made");
	else if (is_free(x, dir, leaf, name) && article_read(x, record))
		file_write(x, dir, leaf, record);
}

static int on_record(const struct sheaf_record *record, void *arg)
{
	struct extract *x = arg;
	const struct sheaf_extract_options *o = x->options;
	const char *why = folder_name_refuse(record->name);

	if (why)
		failed(x, record->name, 0, why);
	else
		record_write(x, record);
	if (x->st == SHEAF_OK && o->on_progress &&
	    o->on_progress(x->result->files, x->result->bytes, 0, o->arg))
		x->st = fail(&x->error, SHEAF_CANCELLED, "cancelled");
	return x->st != SHEAF_OK;
}

static enum sheaf_status root_open(struct extract *x, const char *dir,
				   struct sheaf_error *err)
{
	char shown[100];

	text_escape(shown, sizeof(shown), dir, strlen(dir));
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return fail_io(err, errno, "%s: cannot be made", shown);
	x->place.root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->place.root < 0)
		return fail_io(err, errno, "%s: cannot be opened", shown);
	return SHEAF_OK;
}

enum sheaf_status
sheaf_folder_extract(struct sheaf_corpus *corpus, const char *dir,
		     const struct sheaf_filter *filter,
		     const struct sheaf_extract_options *options,
		     struct sheaf_folder_result *result,
		     struct sheaf_error *err)
{
	static const struct sheaf_extract_options defaults;
	const struct sheaf_extract_options *o = options ? options : &defaults;
	struct sheaf_folder_result unwanted;
	struct extract x = { .corpus = corpus,
			     .options = o,
			     .result = result ? result : &unwanted,
			     .notes = { o->on_warning, o->arg },
			     .place = { .root = -1, .fd = -1 } };
	enum sheaf_status st;

	*x.result = (struct sheaf_folder_result){ 0 };
	st = root_open(&x, dir, err);
	if (st == SHEAF_OK)
		st = sheaf_list(corpus, filter, on_record, &x, err);
	if (x.st != SHEAF_OK) {
		st = x.st;
		if (err)
			*err = x.error;
	}
	folder_place_done(&x.place);
	sheaf_bytes_done(&x.bytes);
	return st;
}
