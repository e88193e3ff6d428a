/*
 * removals.h - the ids that a commit takes down or takes back
 */
#ifndef SHEAF_WRITE_REMOVALS_H
#define SHEAF_WRITE_REMOVALS_H

#include "read/corpus.h"
#include "write/segment.h"

/*
 * Write the table of @removed where it is not that of @old, and set what @f
 * says of it [S-25].
 * @old: NULL where there is none
 * @sum: what the records of @old that come and go are to the set fingerprint,
 * mod 2^128 [S-30]; those that go are off f->live, those that come are on it
 *
 * Where anything changed, all record pages of @old are looked through: 10
 * million records take some seconds.
 */
enum sheaf_status removals_write(struct segment *s, struct sheaf_corpus *old,
				 const struct removed *removed,
				 struct footer *f, unsigned __int128 *sum,
				 struct sheaf_error *err);

#endif
