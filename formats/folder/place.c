/*
 * place.c - the folder that a record is written into
 *
 * Goes from the root of the extraction down by one component at a time, never
 * through a link, and makes what is absent: whatever names a corpus holds, and
 * whatever links lie in the folder, nothing is written outside of it.  Records
 * come sorted, so the latest folder is most often the next one.
 */
#include "formats/folder/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static void place_forget(struct folder_place *place)
{
	if (place->fd >= 0)
		close(place->fd);
	place->fd = -1;
	buf_clear(&place->name);
}

void folder_place_done(struct folder_place *place)
{
	place_forget(place);
	buf_done(&place->name);
	if (place->root >= 0)
		close(place->root);
	place->root = -1;
}

/* a descriptor, or -1 with errno */
static int part_open(int dir, const char *name)
{
	int fd = openat(dir, name, DIR_FLAGS);

	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(dir, name, 0777) != 0 && errno != EEXIST)
			return -1;
		fd = openat(dir, name, DIR_FLAGS);
	}
	if (fd < 0 && errno == ELOOP)
		errno = ENOTDIR;
	return fd;
}

/* the folder @parent below @dir, or -1 with errno; @dir stays open */
static int parts_open(int dir, struct sheaf_str parent)
{
	char name[NAME_MAX + 1];
	int fd = dir;

	while (parent.len > 0) {
		const char *slash = memchr(parent.p, '/', parent.len);
		size_t n = slash ? (size_t)(slash - parent.p) : parent.len;
		size_t pass = n + (slash ? 1 : 0);
		int next, e;

		if (n > NAME_MAX) {
			errno = ENAMETOOLONG;
			next = -1;
		} else {
			memcpy(name, parent.p, n);
			name[n] = '\0';
			next = part_open(fd, name);
		}
		e = errno;
		if (fd != dir)
			close(fd);
		errno = e;
		if (next < 0)
			return -1;
		fd = next;
		parent = (struct sheaf_str){ parent.p + pass,
					     parent.len - pass };
	}
	return fd;
}

int folder_place_open(struct folder_place *place, struct sheaf_str parent,
		      int *fd)
{
	if (parent.len == 0) {
		*fd = place->root;
		return 0;
	}
	if (place->fd >= 0 && place->name.len == parent.len &&
	    memcmp(place->name.p, parent.p, parent.len) == 0) {
		*fd = place->fd;
		return 0;
	}
	place_forget(place);
	buf_bytes(&place->name, parent.p, parent.len);
	if (place->name.bad)
		return ENOMEM;
	place->fd = parts_open(place->root, parent);
	if (place->fd < 0)
		return errno;
	*fd = place->fd;
	return 0;
}
