/*
 * place.c - the folder that a record is written into
 *
 * Goes from the root of the extraction down by one component at a time, never
 * through a link, and makes what is absent: whatever names a corpus holds, and
 * whatever links lie in the folder, nothing is written outside of it.  The
 * folders that were used last stay open: likes come one after the other, and
 * likes are often of the same few folders.
 */
#include "formats/folder/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

void folder_place_init(struct folder_place *place, int root, unsigned int keep)
{
	*place = (struct folder_place){ .root = root, .keep = keep };
	for (int i = 0; i < FOLDER_KEEP_MAX; i++)
		place->kept[i].fd = -1;
}

void folder_place_done(struct folder_place *place)
{
	for (int i = 0; i < FOLDER_KEEP_MAX; i++) {
		if (place->kept[i].fd >= 0)
			close(place->kept[i].fd);
		buf_done(&place->kept[i].name);
	}
	folder_place_init(place, -1, 0);
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

/* so that hardly any other name has to be compared, byte by byte */
static uint32_t name_hash(struct sheaf_str name)
{
	uint32_t h = 0x811c9dc5;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.p[i]) * 0x01000193;
	return h;
}

/* the kept folder of this name, or NULL */
static struct folder_kept *kept_find(struct folder_place *place,
				     struct sheaf_str name, uint32_t hash)
{
	for (unsigned int i = 0; i < place->keep; i++) {
		struct folder_kept *k = &place->kept[i];

		if (k->hash == hash && k->fd >= 0 && k->name.len == name.len &&
		    memcmp(k->name.p, name.p, name.len) == 0)
			return k;
	}
	return NULL;
}

int folder_place_open(struct folder_place *place, struct sheaf_str parent,
		      int *fd)
{
	struct folder_kept *k;
	uint32_t hash;

	if (parent.len == 0) {
		*fd = place->root;
		return 0;
	}
	hash = name_hash(parent);
	k = kept_find(place, parent, hash);
	if (k == NULL) {
		k = &place->kept[place->next];
		place->next = (place->next + 1) % place->keep;
		if (k->fd >= 0)
			close(k->fd);
		k->fd = -1;
		k->hash = hash;
		buf_clear(&k->name);
		buf_bytes(&k->name, parent.p, parent.len);
		if (k->name.bad) {
			buf_done(&k->name);
			return ENOMEM;
		}
		k->fd = parts_open(place->root, parent);
		if (k->fd < 0)
			return errno;
	}
	*fd = k->fd;
	return 0;
}
