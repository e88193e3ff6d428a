/*
 * when.h - dates that are numbers
 */
#ifndef FORMATS_WHEN_H
#define FORMATS_WHEN_H

#include <sheaf/record.h>

/*
 * when_parse() - a date as datasets and programs write it
 *
 * 20250214, 20250214T024613Z, 20250214024613 (UTC); seconds since 1970, with a
 * fraction or without, milli-, micro- or nanoseconds: what gives a year from
 * 1973 to 5138.  False, *sec untouched, for anything else.
 */
bool when_parse(struct sheaf_str text, int64_t *sec);

#endif
