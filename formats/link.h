/*
 * link.h - an article's own address: the link that its text ends with
 *
 * Shared by the readers of text.  Everything that is returned is borrowed from
 * what was given; nothing is decoded.
 */
#ifndef FORMATS_LINK_H
#define FORMATS_LINK_H

#include <sheaf/record.h>

#define LINK_HOST_MAX 253 /* bytes, as DNS has it */

/* @s without blanks around it, if that is one absolute http or https url, with
 * a host; else length 0 */
struct sheaf_str link_url(struct sheaf_str s);
/* does @url, which is one, name more than a host: the front page is no article
 */
bool link_has_path(struct sheaf_str url);

/*
 * link_host() - the host of @url in lower case, without "www." and port
 *
 * Returns its length, at most LINK_HOST_MAX; 0 if it has none that is fit to
 * be a name.
 */
size_t link_host(struct sheaf_str url, char host[LINK_HOST_MAX]);

/*
 * link_last_line() - the url that is alone on the last non-blank line
 *
 * Forms: [text](url), also with <url>, a title in quotes, {attributes}
 * behind it; <url>; the bare url.  Emphasis around it and punctuation behind it
 * are passed over.  Length 0 if there is none.
 */
struct sheaf_str link_last_line(const void *bytes, size_t len);

#endif
