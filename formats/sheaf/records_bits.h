/*
 * records_bits.h - the bits in a page of records, for its reader and its
 * writer (section 6)
 */
#ifndef FORMATS_SHEAF_RECORDS_BITS_H
#define FORMATS_SHEAF_RECORDS_BITS_H

/* of the page's flags: which columns there are */
enum {
	PAGE_COMMITS = 1,
	PAGE_KEYS = 2,
	PAGE_NSEC = 4,
	PAGE_SEEDS = 8,
	PAGE_FLAGS = 15,
};

/* of a record's kind */
enum {
	KIND_NAME = 3, /* an enum name_kind */
	KIND_DATE = 4,
	KIND_OUTLET = 8,
	KIND_LANG = 16,
	KIND_CATEGORIES = 32,
	KIND_TAGS = 64,
	KIND_URL = 128,
};

enum {
	KEY_BYTES = 6, /* of an id prefix, of a url hash; big-endian */
};

#endif
