/*
 * main.c - builds, checks, times and scans the one store that is linked in
 *
 *   PROGRAM build|check|get|scan|locate -a LIST -t TREE -p STORE [-b BLOCK]
 *           [-d DICTIONARY] [-l LEVEL] [-n GETS] [-w WARM-UP] [-s SEED]
 *
 * Prints one JSON object.  The random articles depend on the seed and on the
 * list alone, so all stores are asked for the same ones in the same order.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "store.h"

#define THREADS_MAX 64
#define SCAN_ROUNDS 3
#define SCAN_NS 6000000000u /* no further round after so much of CPU time */
#define GETS_NS 4000000000u /* a store that takes longer is asked less */
#define CLOCK_EVERY 64

#define LOCATE_ROUNDS 15

struct plan {
	struct job job;
	size_t gets, warm_up;
	uint64_t seed;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* of all threads */
static uint64_t cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* SplitMix64: short, and the same everywhere */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static const struct article *random_article(const struct articles *articles,
					    uint64_t *state)
{
	return &articles->all[random_next(state) % articles->count];
}

static void *reader_new(void *db)
{
	return store.reader_open != NULL ? store.reader_open(db) : db;
}

static void reader_free(void *reader)
{
	if (store.reader_close != NULL)
		store.reader_close(reader);
}

static void get(void *reader, const struct article *a, struct value *value)
{
	store.get(reader, a, value);
	if (value->len != a->len)
		die("%s: %zu bytes instead of %zu", a->name, value->len,
		    a->len);
}

/* --- threads --- */

struct part {
	void *db, *reader;
	const struct articles *articles;
	part_fn *fn; /* a scan; NULL: random gets, or gets in order */
	unsigned int index, count;
	size_t gets;
	uint64_t seed;
	uint64_t bytes;
	pthread_t thread;
};

static uint64_t part_in_order(const struct part *p, struct value *value)
{
	size_t end = p->articles->count * (p->index + 1) / p->count;
	uint64_t bytes = 0, sum = 0;

	for (size_t i = p->articles->count * p->index / p->count; i < end;
	     i++) {
		get(p->reader, &p->articles->all[i], value);
		sum += touch(value->p, value->len);
		bytes += value->len;
	}
	return sum != UINT64_MAX ? bytes : 0;
}

static uint64_t part_random(const struct part *p, struct value *value)
{
	uint64_t state = p->seed + p->index, bytes = 0;

	for (size_t i = 0; i < p->gets; i++) {
		get(p->reader, random_article(p->articles, &state), value);
		bytes += value->len;
	}
	return bytes;
}

static void *part_run(void *arg)
{
	struct part *p = arg;
	struct value value = { NULL, 0, 0 };

	if (p->fn != NULL)
		p->bytes = p->fn(p->reader, p->index, p->count);
	else if (p->gets != 0)
		p->bytes = part_random(p, &value);
	else
		p->bytes = part_in_order(p, &value);
	free(value.p);
	return NULL;
}

/* nanoseconds that @like took on @count threads; *bytes of articles */
static uint64_t parts_run(const struct part *like, unsigned int count,
			  uint64_t *bytes)
{
	struct part parts[THREADS_MAX];
	uint64_t start;

	if (count > THREADS_MAX)
		die("too many threads");
	for (unsigned int i = 0; i < count; i++) {
		parts[i] = *like;
		parts[i].index = i;
		parts[i].count = count;
		parts[i].reader = reader_new(like->db);
	}
	start = now_ns();
	for (unsigned int i = 0; i < count; i++)
		if (pthread_create(&parts[i].thread, NULL, part_run,
				   &parts[i]) != 0)
			die("no thread");
	*bytes = 0;
	for (unsigned int i = 0; i < count; i++) {
		pthread_join(parts[i].thread, NULL);
		*bytes += parts[i].bytes;
	}
	start = now_ns() - start;
	for (unsigned int i = 0; i < count; i++)
		reader_free(parts[i].reader);
	return start;
}

uint64_t in_parts(void *db, unsigned int parts, part_fn *fn)
{
	struct part like = { .db = db, .fn = fn };
	uint64_t bytes;

	parts_run(&like, parts, &bytes);
	return bytes;
}

/* --- memory --- */

/* a line of /proc/self/status, in KiB; 0 where there is none */
static unsigned long status_kib(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[128];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			kib = strtoul(line + strlen(name), NULL, 10);
	if (f != NULL)
		fclose(f);
	return kib;
}

/* the peak is from now on that of what follows */
static void peak_reset(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (f == NULL)
		return;
	fputs("5", f);
	fclose(f);
}

/* --- the commands --- */

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void print_latencies(const char *what, uint64_t *ns, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)ns[i];
	qsort(ns, n, sizeof(*ns), by_value);
	printf("\"%sp50_us\":%.3f,\"%sp90_us\":%.3f,\"%sp99_us\":%.3f,"
	       "\"%smean_us\":%.3f,",
	       what, (double)ns[n / 2] / 1e3, what,
	       (double)ns[n * 9 / 10] / 1e3, what,
	       (double)ns[n * 99 / 100] / 1e3, what, sum / (double)n / 1e3);
}

/* whether @n gets since @begin took so long that no more are asked */
static bool is_enough(uint64_t begin, size_t n)
{
	return n % CLOCK_EVERY == 0 && n != 0 && cpu_ns() - begin > GETS_NS;
}

/* -> how many: fewer than asked for where they take too long */
static size_t time_gets(const struct plan *plan, void *reader)
{
	uint64_t *ns = must_alloc(NULL, plan->gets * sizeof(*ns));
	struct value value = { NULL, 0, 0 };
	uint64_t state = plan->seed, begin = cpu_ns();
	size_t n = 0;

	for (size_t i = 0; i < plan->warm_up && !is_enough(begin, i); i++)
		get(reader, random_article(&plan->job.articles, &state),
		    &value);
	for (begin = cpu_ns(); n < plan->gets && !is_enough(begin, n); n++) {
		const struct article *a =
			random_article(&plan->job.articles, &state);
		uint64_t start = now_ns();

		get(reader, a, &value);
		ns[n] = now_ns() - start;
	}
	print_latencies("", ns, n);
	free(ns);
	free(value.p);
	return n;
}

static void print_rates(const struct plan *plan, void *db, size_t gets_each)
{
	struct part like = { .db = db,
			     .articles = &plan->job.articles,
			     .gets = gets_each,
			     .seed = plan->seed };
	uint64_t bytes;

	for (unsigned int threads = 1; threads <= 2; threads++) {
		uint64_t cpu = cpu_ns();
		uint64_t ns = parts_run(&like, threads, &bytes);
		double gets = (double)gets_each * threads;

		cpu = cpu_ns() - cpu;
		printf("\"gets_per_s_%u\":%.0f,\"cpu_us_%u\":%.3f,", threads,
		       gets * 1e9 / (double)ns, threads,
		       (double)cpu / gets / 1e3);
	}
}

static void command_get(const struct plan *plan)
{
	struct value value = { NULL, 0, 0 };
	unsigned long before = status_kib("VmRSS:");
	unsigned long anon_before = status_kib("RssAnon:");
	uint64_t opened, first;
	void *db, *reader;
	size_t gets;

	peak_reset();
	opened = now_ns();
	db = store.open(&plan->job);
	reader = reader_new(db);
	opened = now_ns() - opened;
	if (store.prepare != NULL)
		store.prepare(db);
	first = now_ns();
	get(reader, &plan->job.articles.all[0], &value);
	first = now_ns() - first;
	printf("{\"open_us\":%.1f,\"first_get_us\":%.1f,", (double)opened / 1e3,
	       (double)first / 1e3);
	gets = time_gets(plan, reader);
	printf("\"peak_kib\":%ld,\"anon_kib\":%ld,",
	       (long)(status_kib("VmHWM:") - before),
	       (long)(status_kib("RssAnon:") - anon_before));
	print_rates(plan, db, gets);
	printf("\"gets\":%zu}\n", gets);
	reader_free(reader);
	store.close(db);
	free(value.p);
}

/* every article once, each held against its id */
static void command_check(const struct plan *plan)
{
	struct value value = { NULL, 0, 0 };
	void *db = store.open(&plan->job), *reader = reader_new(db);

	if (store.prepare != NULL)
		store.prepare(db);
	for (size_t i = 0; i < plan->job.articles.count; i++) {
		const struct article *a = &plan->job.articles.all[i];
		XXH128_canonical_t id;

		get(reader, a, &value);
		XXH128_canonicalFromHash(&id, XXH3_128bits(value.p, value.len));
		if (memcmp(id.digest, a->id, ID_SIZE) != 0)
			die("%s: other bytes than were put in", a->name);
	}
	printf("{\"checked\":%zu}\n", plan->job.articles.count);
	reader_free(reader);
	store.close(db);
	free(value.p);
}

static uint64_t scan_ns(const struct plan *plan, void *db, unsigned int threads,
			uint64_t *bytes)
{
	struct part like = { .db = db, .articles = &plan->job.articles };
	uint64_t start = now_ns();

	if (store.scan == NULL)
		return parts_run(&like, threads, bytes);
	*bytes = store.scan(db, threads);
	return now_ns() - start;
}

static void command_scan(const struct plan *plan)
{
	void *db = store.open(&plan->job);
	uint64_t best[3] = { 0 }, cpu[3] = { 0 }, bytes = 0;
	uint64_t begin = cpu_ns();

	if (store.prepare != NULL)
		store.prepare(db);
	for (int round = 0; round < SCAN_ROUNDS; round++) {
		if (round != 0 && cpu_ns() - begin > SCAN_NS)
			break;
		for (unsigned int threads = 1; threads <= 2; threads++) {
			uint64_t used = cpu_ns();
			uint64_t ns = scan_ns(plan, db, threads, &bytes);

			used = cpu_ns() - used;
			if (round == 0 || ns < best[threads])
				best[threads] = ns;
			if (round == 0 || used < cpu[threads])
				cpu[threads] = used;
		}
	}
	printf("{\"scan_bytes\":%llu", (unsigned long long)bytes);
	for (unsigned int threads = 1; threads <= 2; threads++)
		printf(",\"scan_mb_s_%u\":%.1f,\"scan_mb_cpu_s_%u\":%.1f",
		       threads, (double)bytes * 1e3 / (double)best[threads],
		       threads, (double)bytes * 1e3 / (double)cpu[threads]);
	printf("}\n");
	store.close(db);
}

/* @plan->gets of them, at random: copies side by side, so that finding what is
 * asked for is no part of the time */
static struct article *asked_new(const struct plan *plan)
{
	struct article *asked = must_alloc(NULL, plan->gets * sizeof(*asked));
	uint64_t state = plan->seed;

	for (size_t i = 0; i < plan->gets; i++)
		asked[i] = *random_article(&plan->job.articles, &state);
	return asked;
}

/* without the clock's own cost; -> the least of some rounds, of CPU time: each
 * is short, and others run beside it */
static double locate_loop(const struct plan *plan, void *reader,
			  const struct article *asked, bool many)
{
	uint64_t best = UINT64_MAX;
	size_t n = many ? LOCATE_MANY : 1;

	for (int round = 0; round < LOCATE_ROUNDS; round++) {
		uint64_t start = cpu_ns();

		for (size_t i = 0; i < plan->gets; i += n)
			if (many)
				store.locate_many(reader, &asked[i],
						  plan->gets - i < n ?
							  plan->gets - i :
							  n);
			else
				store.locate(reader, &asked[i]);
		start = cpu_ns() - start;
		if (start < best)
			best = start;
	}
	return (double)best / (double)plan->gets;
}

static void command_locate(const struct plan *plan)
{
	uint64_t *ns = must_alloc(NULL, plan->gets * sizeof(*ns)), start;
	void *db = store.open(&plan->job), *reader = reader_new(db);
	struct article *asked = asked_new(plan);

	if (store.locate == NULL)
		die("can't look up without reading");
	/* whatever of the index a store reads when it is first needed */
	for (size_t i = 0; i < plan->job.articles.count; i++)
		store.locate(reader, &plan->job.articles.all[i]);
	for (size_t i = 0; i < plan->gets; i++) {
		start = now_ns();
		store.locate(reader, &asked[i]);
		ns[i] = now_ns() - start;
	}
	printf("{");
	print_latencies("locate_", ns, plan->gets);
	if (store.locate_many != NULL)
		printf("\"locate_many_ns\":%.1f,",
		       locate_loop(plan, reader, asked, true));
	printf("\"locate_loop_ns\":%.1f}\n",
	       locate_loop(plan, reader, asked, false));
	reader_free(reader);
	store.close(db);
	free(asked);
	free(ns);
}

static size_t number(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0')
		die("%s: not a number", text);
	return n;
}

static void options_read(struct plan *plan, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "a:t:p:b:d:l:n:w:s:")) != -1)
		switch (c) {
		case 'a':
			articles_read(&plan->job.articles, optarg);
			break;
		case 't':
			plan->job.tree = optarg;
			break;
		case 'p':
			plan->job.path = optarg;
			break;
		case 'b':
			plan->job.block = (unsigned int)number(optarg);
			break;
		case 'd':
			plan->job.dictionary = number(optarg);
			break;
		case 'l':
			plan->job.level = (int)number(optarg);
			break;
		case 'n':
			plan->gets = number(optarg);
			break;
		case 'w':
			plan->warm_up = number(optarg);
			break;
		case 's':
			plan->seed = number(optarg);
			break;
		default:
			die("unknown option");
		}
	if (plan->job.articles.count == 0 || plan->job.path == NULL ||
	    plan->gets == 0)
		die("needs -a LIST and -p STORE");
}

int main(int argc, char **argv)
{
	struct plan plan = { .job = { .tree = ".", .block = 4096, .level = 9 },
			     .gets = 20000,
			     .warm_up = 2000,
			     .seed = 1 };
	const char *command = argc > 1 ? argv[1] : "";

	options_read(&plan, argc - 1, argv + 1);
	if (strcmp(command, "build") == 0 && store.build != NULL)
		store.build(&plan.job);
	else if (strcmp(command, "check") == 0)
		command_check(&plan);
	else if (strcmp(command, "get") == 0)
		command_get(&plan);
	else if (strcmp(command, "scan") == 0)
		command_scan(&plan);
	else if (strcmp(command, "locate") == 0)
		command_locate(&plan);
	else
		die("no such command: %s", command);
	articles_done(&plan.job.articles);
	return fflush(stdout) == 0 ? 0 : 1;
}
