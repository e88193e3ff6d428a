/*
 * chain.h - the footers of a corpus: the newest, the one before, the one of a
 * commit
 */
#ifndef SHEAF_READ_CHAIN_H
#define SHEAF_READ_CHAIN_H

#include "formats/sheaf/footer.h"
#include "read/view.h"

/*
 * The newest whole footer in the bytes of @src [S-31]. SHEAF_OK; SHEAF_CORRUPT
 * if there is none; SHEAF_UNSUPPORTED for a newer format; SHEAF_IO or
 * SHEAF_NOMEM.
 */
enum sheaf_status chain_newest(const struct source *src, uint64_t size,
			       struct footer *out, struct sheaf_error *err);
/* the footer at @offset, which must be that of @commit */
enum sheaf_status chain_read(const struct view *v, uint64_t offset,
			     uint64_t commit, struct footer *out,
			     struct sheaf_error *err);
/* the one before @f; f->previous is not 0 */
enum sheaf_status chain_previous(const struct view *v, const struct footer *f,
				 struct footer *out, struct sheaf_error *err);
/* that of @commit, 1 .. from->commit; of a compacted file the first footer
 * where @commit is older */
enum sheaf_status chain_find(const struct view *v, const struct footer *from,
			     uint64_t commit, struct footer *out,
			     struct sheaf_error *err);

#endif
