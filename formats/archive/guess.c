/*
 * guess.c - is this file an archive
 *
 * By its first bytes; where these say nothing, a file that is called one is
 * taken for a damaged one, which is better told than stored.  Documents that
 * are zip files inside (EPUB, OpenDocument, Office, Java) are no archives of
 * articles: they stay what they are.
 */
#include "formats/archive/archive.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
	TAR_BLOCK = 512,
	TAR_SUM = 148, /* offset and length of the checksum */
	TAR_SUM_LEN = 8,
	ZIP_NAME_LEN = 26, /* offsets in a local header */
	ZIP_NAME = 30,
	CPIO_OLD = 76, /* digits of a header */
	CPIO_NEW = 110,
};

static bool starts(const uint8_t *p, size_t len, const char *magic, size_t n)
{
	return len >= n && memcmp(p, magic, n) == 0;
}

/* the octal number of a tar header's checksum; -1: none */
static long tar_sum(const uint8_t *p)
{
	long sum = 0;
	int digits = 0, i = 0;

	while (i < TAR_SUM_LEN && p[i] == ' ')
		i++;
	for (; i < TAR_SUM_LEN && p[i] >= '0' && p[i] <= '7'; i++, digits++)
		sum = 8 * sum + (p[i] - '0');
	if (digits == 0 || (i < TAR_SUM_LEN && p[i] != ' ' && p[i] != '\0'))
		return -1;
	return sum;
}

static bool is_tar(const uint8_t *p, size_t len)
{
	/* old tars summed signed bytes */
	long wanted, sum = 0, sum_signed = 0;

	if (len < TAR_BLOCK || p[0] == '\0')
		return false;
	wanted = tar_sum(p + TAR_SUM);
	for (int i = 0; i < TAR_BLOCK; i++) {
		bool inside = i >= TAR_SUM && i < TAR_SUM + TAR_SUM_LEN;

		sum += inside ? ' ' : p[i];
		sum_signed += inside ? ' ' : (int8_t)p[i];
	}
	return wanted == sum || wanted == sum_signed;
}

static bool digits(const uint8_t *p, size_t len, size_t n, bool hex)
{
	if (len < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (hex ? !isxdigit(p[i]) : p[i] < '0' || p[i] > '7')
			return false;
	return true;
}

static bool is_cpio(const uint8_t *p, size_t len)
{
	if (starts(p, len, "070701", 6) || starts(p, len, "070702", 6))
		return digits(p, len, CPIO_NEW, true);
	return starts(p, len, "070707", 6) && digits(p, len, CPIO_OLD, false);
}

enum arc_kind arc_kind_of(const uint8_t *p, size_t len)
{
	if (starts(p, len, "PK\3\4", 4) || starts(p, len, "PK\5\6", 4) ||
	    starts(p, len, "PK\7\10PK\3\4", 8))
		return KIND_ZIP;
	if (starts(p, len, "7z\xbc\xaf\x27\x1c", 6))
		return KIND_7Z;
	if (is_cpio(p, len))
		return KIND_CPIO;
	return is_tar(p, len) ? KIND_TAR : KIND_NONE;
}

/* is the first member one that only documents begin with */
static bool is_document(const uint8_t *p, size_t len)
{
	static const char *const first[] = { "mimetype", "[Content_Types].xml",
					     "META-INF/" };
	size_t n;

	if (len < ZIP_NAME)
		return false;
	n = (size_t)(p[ZIP_NAME_LEN] | p[ZIP_NAME_LEN + 1] << 8);
	if (n > len - ZIP_NAME)
		return false;
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		size_t k = strlen(first[i]);

		if (first[i][k - 1] == '/' ? n >= k : n == k)
			if (memcmp(p + ZIP_NAME, first[i], k) == 0)
				return true;
	}
	return false;
}

static bool ends(struct sheaf_str name, const char *const *list)
{
	for (; *list; list++) {
		size_t n = strlen(*list);

		if (name.len > n &&
		    strncasecmp(name.p + name.len - n, *list, n) == 0)
			return true;
	}
	return false;
}

bool arc_guess(struct sheaf_str name, const void *head, size_t len)
{
	static const char *const archives[] = { ".tar", ".zip", ".7z", ".cpio",
						NULL };
	static const char *const documents[] = {
		".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub",
		".jar",	 ".apk",  ".cbz",  ".kmz", ".whl", NULL,
	};
	enum arc_kind kind = arc_kind_of(head, len);

	if (kind == KIND_ZIP)
		return !ends(name, documents) && !is_document(head, len);
	return kind != KIND_NONE || ends(name, archives);
}
