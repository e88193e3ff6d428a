/*
 * limits.h - the named limits of the format, section 13 of sheaf-1.md
 */
#ifndef FORMATS_SHEAF_LIMITS_H
#define FORMATS_SHEAF_LIMITS_H

#include <stdint.h>

#define BLOCK_MAX ((uint64_t)64 << 20)
#define PACKED_MAX (BLOCK_MAX + ((uint64_t)512 << 10))
#define ARTICLES_MAX 65535
#define SEED_MAX 65535
#define RECORDS_MAX 4096
#define PAGE_MAX ((uint64_t)4 << 20)
#define NAME_MAX_BYTES 65535
#define NAMES_MAX ((uint64_t)16 << 20)
#define STRING_MAX 65535
#define LIST_MAX 256
#define STRINGS_MAX ((uint64_t)64 << 20)
#define STRINGS_TOTAL ((uint64_t)16 << 20)
#define CHAIN_MAX 64
#define ENTRIES_MAX ((uint64_t)1 << 20)
#define INDEX_PAGE_MAX ((uint64_t)16 << 20)
#define LAYERS_MAX 8
#define TAIL_COMMITS 256
#define TAIL_RECORDS 16384
#define MESSAGE_MAX 4096
#define FOOTER_MAX 16384
#define FILE_MAX ((uint64_t)1 << 44)
#define REMOVED_MAX ((uint64_t)16 << 20)
#define REMOVED_BYTES_MAX ((uint64_t)512 << 20)
#define HISTORY_MAX ((uint64_t)64 << 20)
#define LEAF_SIZE 65536

#endif
