/*
 * walk.c - everything below one folder, depth first
 *
 * Each folder and file is opened relative to the folder it was seen in, by one
 * component and never through a link, so no path is too long and nobody can
 * lead the walk elsewhere by swapping a folder for a link.  Opening does not
 * block: a FIFO put where a file was is opened, seen and skipped.
 */
#include "formats/folder/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

enum { OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

static enum sheaf_status entry_open(struct folder_add *add, int dir,
				    enum folder_kind kind, const char *name,
				    struct sheaf_error *err)
{
	int flags = OPEN_FLAGS | (kind == FOLDER_FOLDER ? O_DIRECTORY : 0);
	int fd;

	if (kind == FOLDER_LINK) {
		folder_add_skipped(add, "a symbolic link");
		return SHEAF_OK;
	}
	if (kind == FOLDER_SPECIAL) {
		folder_add_skipped(add, "no regular file");
		return SHEAF_OK;
	}
	fd = openat(dir, name, flags);
	if (fd < 0) {
		if (errno == ENOMEM)
			return fail_nomem(err);
		folder_add_failed(add, errno, "cannot be opened");
		return SHEAF_OK;
	}
	return kind == FOLDER_FOLDER ? folder_add_walk(add, fd, err) :
				       folder_add_file(add, fd, err);
}

/* @entry of the folder @dir, whose name stands */
static enum sheaf_status entry_add(struct folder_add *add, int dir, char *entry,
				   struct sheaf_error *err)
{
	size_t name_len = add->name.len;
	enum folder_kind kind = (enum folder_kind)entry[0];
	char *name = entry + 1;
	size_t len = strlen(name);
	enum sheaf_status st;

	if (kind == FOLDER_FOLDER)
		name[--len] = '\0';
	if (name_len > 0)
		buf_u8(&add->name, '/');
	buf_bytes(&add->name, name, len);
	if (add->name.bad)
		return fail_nomem(err);
	if (add->name.len > SHEAF_NAME_MAX) {
		folder_add_failed(add, 0, "the name is too long");
		st = SHEAF_OK;
	} else {
		st = entry_open(add, dir, kind, name, err);
	}
	add->name.len = name_len;
	return st;
}

enum sheaf_status folder_add_walk(struct folder_add *add, int fd,
				  struct sheaf_error *err)
{
	struct folder_list list;
	enum sheaf_status st;
	int sys_errno;

	if (folder_name_depth(folder_add_name(add)) >= FOLDER_DEPTH_MAX) {
		folder_add_failed(add, 0, "more than 256 levels deep");
		close(fd);
		return SHEAF_OK;
	}
	st = folder_list_read(&list, fd, &sys_errno);
	if (st == SHEAF_NOMEM) {
		close(fd);
		return fail_nomem(err);
	}
	if (st == SHEAF_IO)
		folder_add_failed(add, sys_errno, "cannot be read");
	st = SHEAF_OK;
	for (size_t i = 0; st == SHEAF_OK && i < list.count; i++)
		st = entry_add(add, fd, list.entry[i], err);
	folder_list_done(&list);
	close(fd);
	return st;
}
