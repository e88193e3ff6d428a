/*
 * date.h - the date forms that posts use, see sheaf_date_parse()
 */
#ifndef SHEAF_ARTICLE_DATE_H
#define SHEAF_ARTICLE_DATE_H

#include <sheaf/format.h>

/* a civil date and time in UTC to seconds since 1970; years 1 to 9999 */
int64_t date_from_civil(int year, int month, int day, int hour, int minute,
			int second);
/* "2025-02-14T02:46:13Z" and a NUL: 21 bytes; years outside of 0 to 9999 give
 * "-" */
void date_format(int64_t sec, char out[21]);

#endif
