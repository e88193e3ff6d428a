/*
 * address.h - names that are addresses, as paths
 *
 * A page from a web archive is called by its url.  Where a path is needed, its
 * empty parts go, and what ends in "/" is the index.html of that folder:
 * "http://a.example/b/" is "http:/a.example/b/index.html".
 */
#ifndef FORMATS_ADDRESS_H
#define FORMATS_ADDRESS_H

#include <sheaf/record.h>

#include "base/buf.h"

#define ADDRESS_INDEX "index.html"

/* does @name begin with a scheme, "://" and a host: else it is a path as it
 * stands */
bool address_is(struct sheaf_str name);
/*
 * address_path() - the path of an address
 * @out: emptied, then the path, without a NUL; bad if out of memory
 *
 * A part of more than 255 bytes is cut and gets 8 digits of its id behind it.
 * "." and ".." stay: whoever writes refuses them.  Two addresses may have one
 * path.
 */
void address_path(struct buf *out, struct sheaf_str name);

#endif
