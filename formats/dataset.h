/*
 * dataset.h - how datasets of news call their fields, and what names their
 * records get
 *
 * Shared by JSON Lines and CSV.  Which key is which field the user may say, by
 * a map; it rides in the format of each record, so that the fields are found
 * again when the article is read.
 */
#ifndef FORMATS_DATASET_H
#define FORMATS_DATASET_H

#include "formats/values.h"

/* --- keys --- */

struct dataset {
	struct key keys[VALUES_KEY_COUNT]; /* those of the map first */
	char *text;			   /* of the map, owned */
};

/*
 * dataset_init() - the usual keys, and those of @map in their place
 * @map: "url=link,text=content": fields and what they are called, several
 *       times the same field for several keys; may be empty
 *
 * Returns SHEAF_OK, SHEAF_MISUSE (not such a map: one line says why) or
 * SHEAF_NOMEM; on failure it is empty.
 */
enum sheaf_status dataset_init(struct dataset *dataset, struct sheaf_str map,
			       struct sheaf_error *err);
void dataset_done(struct dataset *dataset);

/* --- names --- */

/* all zero: no names yet */
struct dataset_names {
	struct dataset_seen *seen; /* those given, by hash */
	size_t cap, used;
	struct buf name;
};

void dataset_names_done(struct dataset_names *names);
/*
 * dataset_name() - the name of one record: FILE/ID, or FILE/line-17
 * @id:   what tells it from others; empty: its number does
 * @what: "line" or "row"
 * @out:  borrowed until the next call
 *
 * The id is one component of a path: "/" becomes "%2F", "%" "%25", control
 * bytes so too; one of more than 200 bytes is cut and its hash put behind it.
 * The second record of the same name gets "~2" behind it, the third "~3".
 * Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status dataset_name(struct dataset_names *names,
			       struct sheaf_str file, struct sheaf_str id,
			       const char *what, uint64_t number,
			       struct sheaf_str *out);

#endif
