/*
 * list.c - the names in one folder, in the order of the walk
 *
 * All names of a folder are read before the first file is: the order of a
 * directory is an accident, and the same folder must give the same corpus.  A
 * folder sorts with a "/" behind its name, so that a depth-first walk over
 * sorted folders meets the full paths in bytewise order ("a.txt" before "a/b").
 */
#include "formats/folder/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/size.h"

void folder_list_done(struct folder_list *list)
{
	buf_done(&list->text);
	free(list->entry);
	*list = (struct folder_list){ 0 };
}

static enum folder_kind kind_of_mode(mode_t mode)
{
	if (S_ISREG(mode))
		return FOLDER_FILE;
	if (S_ISDIR(mode))
		return FOLDER_FOLDER;
	return S_ISLNK(mode) ? FOLDER_LINK : FOLDER_SPECIAL;
}

/* what the directory says, or the file where the directory does not; it may be
 * another thing by the time it is opened, which is looked at again then */
static enum folder_kind kind_of(int fd, const struct dirent *e)
{
	struct stat sb;

	switch (e->d_type) {
	case DT_REG:
		return FOLDER_FILE;
	case DT_DIR:
		return FOLDER_FOLDER;
	case DT_LNK:
		return FOLDER_LINK;
	case DT_UNKNOWN:
		break;
	default:
		return FOLDER_SPECIAL;
	}
	if (fstatat(fd, e->d_name, &sb, AT_SYMLINK_NOFOLLOW) != 0)
		return FOLDER_FILE; /* opening it will say what is wrong */
	return kind_of_mode(sb.st_mode);
}

static void entry_add(struct folder_list *list, int fd, const struct dirent *e)
{
	enum folder_kind kind;

	if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
		return;
	kind = kind_of(fd, e);
	buf_u8(&list->text, (uint8_t)kind);
	buf_bytes(&list->text, e->d_name, strlen(e->d_name));
	if (kind == FOLDER_FOLDER)
		buf_u8(&list->text, '/');
	buf_u8(&list->text, '\0');
	list->count++;
}

static int entry_order(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x + 1, *y + 1);
}

static bool entries_sort(struct folder_list *list)
{
	char *p = (char *)list->text.p;
	size_t size;

	if (list->text.bad ||
	    !size_mul(list->count + 1, sizeof(*list->entry), &size))
		return false;
	list->entry = malloc(size);
	if (!list->entry)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		list->entry[i] = p;
		p += strlen(p) + 1;
	}
	if (list->count > 1)
		qsort(list->entry, list->count, sizeof(*list->entry),
		      entry_order);
	return true;
}

/* the DIR takes over a descriptor and is gone before the walk goes deeper */
static DIR *dir_open(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;

	if (!dir && copy >= 0) {
		int e = errno;

		close(copy);
		errno = e;
	}
	return dir;
}

enum sheaf_status folder_list_read(struct folder_list *list, int fd,
				   int *sys_errno)
{
	const struct dirent *e;
	DIR *dir = dir_open(fd);

	*list = (struct folder_list){ 0 };
	*sys_errno = 0;
	if (!dir) {
		*sys_errno = errno;
		return errno == ENOMEM ? SHEAF_NOMEM : SHEAF_IO;
	}
	for (;;) {
		errno = 0;
		e = readdir(dir);
		if (!e || list->text.bad)
			break;
		entry_add(list, fd, e);
	}
	if (!e)
		*sys_errno = errno;
	closedir(dir);
	if (!entries_sort(list)) {
		folder_list_done(list);
		return SHEAF_NOMEM;
	}
	return *sys_errno ? SHEAF_IO : SHEAF_OK;
}
