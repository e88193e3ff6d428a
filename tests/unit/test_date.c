/*
 * test_date.c - src/article/date.c and clock.c
 */
#include "article/date.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness.h"

struct form {
	const char *text;
	const char *utc; /* what date_format() makes of it; NULL: refused */
};

static void forms_check(const struct form *forms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sheaf_str s = { forms[i].text, strlen(forms[i].text) };
		char out[21] = "refused";
		int64_t sec = 4711;

		if (sheaf_date_parse(s, &sec))
			date_format(sec, out);
		else
			CHECK(sec == 4711);
		if (!CHECK(strcmp(out, forms[i].utc ? forms[i].utc :
						      "refused") == 0))
			printf("  \"%s\" gives %s\n", forms[i].text, out);
	}
}

static void test_iso_forms(void)
{
	static const struct form forms[] = {
		{ "2025-02-14", "2025-02-14T00:00:00Z" },
		{ "2025/02/14", "2025-02-14T00:00:00Z" },
		{ "2025-02-14 02:46", "2025-02-14T02:46:00Z" },
		{ "2025-02-14 02:46:13", "2025-02-14T02:46:13Z" },
		{ "2025-02-14T02:46:13", "2025-02-14T02:46:13Z" },
		{ "2025-02-14t02:46:13z", "2025-02-14T02:46:13Z" },
		{ "2025-02-14 02:46:13.5", "2025-02-14T02:46:13Z" },
		{ "2025-02-14 02:46:13,999999999", "2025-02-14T02:46:13Z" },
		{ "2025-02-14T02:46:13Z", "2025-02-14T02:46:13Z" },
		{ "2025-02-14T02:46:13+01:00", "2025-02-14T01:46:13Z" },
		{ "2025-02-14T02:46:13-0500", "2025-02-14T07:46:13Z" },
		{ "2025-02-14 02:46:13 -0500", "2025-02-14T07:46:13Z" },
		{ "2025-02-14 02:46:13 +05:30", "2025-02-13T21:16:13Z" },
		{ "2025-02-14 02:46:13 +1", "2025-02-14T01:46:13Z" },
		{ "2025-02-14 02:46:13 -5:30", "2025-02-14T08:16:13Z" },
		{ "2025-02-14 02:46 UTC", "2025-02-14T02:46:00Z" },
		{ "2025-02-14 02:46:13.9 +0000 UTC", "2025-02-14T02:46:13Z" },
		{ "2025-02-14 02:46:13 +0800 +08", "2025-02-13T18:46:13Z" },
		{ "2011-11-28 8:32:24 -0400", "2011-11-28T12:32:24Z" },
		{ "2025-2-4 1:02", "2025-02-04T01:02:00Z" },
		{ " \t2025-02-14\r\n", "2025-02-14T00:00:00Z" },
		{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
		{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
		{ "1969-12-31 23:59:59.5", "1969-12-31T23:59:59Z" },
	};

	forms_check(forms, HARNESS_COUNT(forms));
}

static void test_written_out_forms(void)
{
	static const struct form forms[] = {
		{ "Fri, 14 Feb 2025 02:46:13 +0100", "2025-02-14T01:46:13Z" },
		{ "Fri, 14 Feb 2025 02:46:13 GMT", "2025-02-14T02:46:13Z" },
		{ "Fri, 14 Feb 2025 02:46:13 EST", "2025-02-14T07:46:13Z" },
		{ "Fri, 14 Feb 2025 02:46 +0000 (UTC)",
		  "2025-02-14T02:46:00Z" },
		{ "14 Feb 2025", "2025-02-14T00:00:00Z" },
		{ "4 february 2025", "2025-02-04T00:00:00Z" },
		{ "Friday, 14-Feb-2025 02:46:13 UTC", "2025-02-14T02:46:13Z" },
		{ "February 14, 2025", "2025-02-14T00:00:00Z" },
		{ "Feb. 14, 2025 14:00", "2025-02-14T14:00:00Z" },
		{ "Sept 1 2025", "2025-09-01T00:00:00Z" },
		{ "Feb 14, 2025, 14:00 EDT", "2025-02-14T18:00:00Z" },
		{ "Fri Feb 14 02:46:13 2025", "2025-02-14T02:46:13Z" },
		{ "Fri Feb  4 02:46:13 2025", "2025-02-04T02:46:13Z" },
		{ "Fri Feb 14 02:46:13 PST 2025", "2025-02-14T10:46:13Z" },
		{ "Fri Feb 14 02:46:13 -0700 2025", "2025-02-14T09:46:13Z" },
	};

	forms_check(forms, HARNESS_COUNT(forms));
}

static void test_wrong_dates_refused(void)
{
	static const struct form forms[] = {
		{ "", NULL },
		{ " ", NULL },
		{ "today", NULL },
		{ "true", NULL },
		{ "2025", NULL },
		{ "2025-02", NULL },
		{ "20250214", NULL },
		{ "1739500000", NULL },
		{ "2025-02-29", NULL },
		{ "1900-02-29", NULL },
		{ "2000-02-29", "2000-02-29T00:00:00Z" },
		{ "2024-02-29", "2024-02-29T00:00:00Z" },
		{ "2025-04-31", NULL },
		{ "2025-00-10", NULL },
		{ "2025-13-10", NULL },
		{ "2025-01-00", NULL },
		{ "2025-01-32", NULL },
		{ "0000-01-01", NULL },
		{ "12025-01-01", NULL },
		{ "25-01-01", NULL },
		{ "2025-02/14", NULL },
		{ "2025-02-14T", NULL },
		{ "2025-02-14 ", "2025-02-14T00:00:00Z" },
		{ "2025-02-14 02", NULL },
		{ "2025-02-14 0246", NULL },
		{ "2025-02-14 24:00:00", NULL },
		{ "2025-02-14 24:000:00", NULL },
		{ "2025-02-14 02:60", NULL },
		{ "2025-02-14 02:46:61", NULL },
		{ "2025-02-14 02:46:1", NULL },
		{ "2025-02-14 02:46:13.", NULL },
		{ "2025-02-14 02:46:13 +24:00", NULL },
		{ "2025-02-14 02:46:13 +01:60", NULL },
		{ "2025-02-14 02:46:13 +100", NULL },
		{ "2025-02-14 02:46:13 +01000", NULL },
		{ "2025-02-14 02:46:13 +", NULL },
		{ "2025-02-14 02:46:13 CET", NULL },
		{ "2025-02-14 02:46:13 Zulu", NULL },
		{ "2025-02-14 02:46:13 Z x", NULL },
		{ "2025-02-14 02:46:13Z2", NULL },
		{ "2025-02-14Z", NULL },
		{ "2025-02-14x", NULL },
		{ "0001-01-01 00:00 +01:00", NULL },
		{ "9999-12-31 23:00 -01:00", NULL },
		{ "14 Feb 25", NULL },
		{ "14Feb2025", NULL },
		{ "31 Apr 2025", NULL },
		{ "Foo 14, 2025", NULL },
		{ "Febr 14, 2025", NULL },
		{ "Fri", NULL },
		{ "Fri,", NULL },
		{ "Fri Feb 14 02:46:13", NULL },
		{ "-2025-02-14", NULL },
	};
	int64_t sec = 1;

	forms_check(forms, HARNESS_COUNT(forms));
	CHECK(!sheaf_date_parse((struct sheaf_str){ NULL, 0 }, &sec));
	CHECK(!sheaf_date_parse((struct sheaf_str){ "2025-02-14\0", 11 },
				&sec));
	CHECK(sec == 1);
}

static void test_leap_second_stays_in_its_minute(void)
{
	static const struct form forms[] = {
		{ "2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z" },
		{ "2016-12-31T18:59:60-05:00", "2016-12-31T23:59:59Z" },
	};

	forms_check(forms, HARNESS_COUNT(forms));
}

/* every day of ten thousand years, counted by hand */
static void test_calendar_every_day(void)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	int64_t sec = date_from_civil(1, 1, 1, 0, 0, 0);
	unsigned int wrong = 0;
	char out[21], expected[21];

	CHECK(date_from_civil(1970, 1, 1, 0, 0, 0) == 0);
	CHECK(sec == -62135596800);
	for (int y = 1; y <= 9999; y++) {
		bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

		for (int m = 1; m <= 12; m++) {
			int n = days[m - 1] + (m == 2 && leap);

			for (int d = 1; d <= n; d++, sec += 86400) {
				wrong += sec !=
					 date_from_civil(y, m, d, 0, 0, 0);
				if (d != 1 && d != n)
					continue;
				date_format(sec + 86399, out);
				snprintf(expected, sizeof(expected),
					 "%04u-%02u-%02uT23:59:59Z",
					 (unsigned int)y % 10000U,
					 (unsigned int)m % 100U,
					 (unsigned int)d % 100U);
				wrong += strcmp(out, expected) != 0;
			}
		}
	}
	CHECK(wrong == 0);
}

static void test_format_out_of_range_is_a_dash(void)
{
	static const int64_t secs[] = { INT64_MIN, INT64_MAX, -62167219201,
					253402300800 };
	char out[21];

	for (size_t i = 0; i < HARNESS_COUNT(secs); i++) {
		date_format(secs[i], out);
		CHECK(strcmp(out, "-") == 0);
	}
	date_format(-62167219200, out);
	CHECK(strcmp(out, "0000-01-01T00:00:00Z") == 0);
	date_format(253402300799, out);
	CHECK(strcmp(out, "9999-12-31T23:59:59Z") == 0);
	date_format(-1, out);
	CHECK(strcmp(out, "1969-12-31T23:59:59Z") == 0);
}

static void test_time_zone_of_the_system_is_ignored(void)
{
	struct sheaf_str s = { "2025-07-14 02:46:13", 19 };
	int64_t sec = 0;

	setenv("TZ", "America/New_York", 1);
	tzset();
	CHECK(sheaf_date_parse(s, &sec) && sec == 1752461173);
	unsetenv("TZ");
	tzset();
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_iso_forms) },
		{ HARNESS_TEST(test_written_out_forms) },
		{ HARNESS_TEST(test_wrong_dates_refused) },
		{ HARNESS_TEST(test_leap_second_stays_in_its_minute) },
		{ HARNESS_TEST(test_calendar_every_day) },
		{ HARNESS_TEST(test_format_out_of_range_is_a_dash) },
		{ HARNESS_TEST(test_time_zone_of_the_system_is_ignored) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
