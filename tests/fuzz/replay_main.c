/*
 * replay_main.c - runs a fuzzer's entry point without a fuzzer
 *
 *   replay_NAME              its seeds, and mutations of each of them
 *   replay_NAME PATH...      these files, and those below these folders, as
 *                            they are: what a fuzzer found goes here
 *   replay_unpack OUT IN     (preset fuzz) the seeds below IN as bytes in OUT
 *
 * Deterministic: the same inputs in the same order on every machine.  A file
 * named *.hex holds annotated hex: pairs of digits, with blanks between and
 * '#' or ';' for a comment up to the end of the line.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX ((size_t)1 << 20) /* bytes of one input */
#define MUTATIONS 300		    /* of each seed */

typedef void input_fn(const char *path, const uint8_t *p, size_t len);

static unsigned long replayed;

static _Noreturn void die(const char *path, const char *what)
{
	fprintf(stderr, "replay: %s: %s\n", path, what);
	exit(3);
}

/* in place; what the annotated hex stands for */
static size_t unhex(const char *path, uint8_t *p, size_t len)
{
	size_t digits = 0;
	bool comment = false;

	for (size_t i = 0; i < len; i++) {
		int c = p[i];
		unsigned int v;

		if (c == '#' || c == ';')
			comment = true;
		if (c == '\n')
			comment = false;
		if (comment || isspace(c))
			continue;
		if (!isxdigit(c))
			die(path, "neither hex nor comment");
		v = (unsigned int)(isdigit(c) ? c - '0' : (c | 32) - 'a' + 10);
		if (digits % 2 == 0)
			p[digits / 2] = (uint8_t)(v << 4);
		else
			p[digits / 2] |= (uint8_t)v;
		digits++;
	}
	if (digits % 2)
		die(path, "half a byte");
	return digits / 2;
}

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static void each_file(const char *path, input_fn *fn)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(INPUT_MAX);
	size_t len;

	if (!f || !p)
		die(path, strerror(errno));
	len = fread(p, 1, INPUT_MAX, f);
	if (ferror(f) || fgetc(f) != EOF)
		die(path, "unreadable, or more than 1 MiB");
	fclose(f);
	if (ends_in(path, ".hex"))
		len = unhex(path, p, len);
	fn(path, p, len);
	free(p);
}

/* a file, or all below a folder, in the order of their names */
static void each_path(const char *path, input_fn *fn)
{
	struct dirent **names;
	struct stat sb;
	char *sub;
	int n;

	if (stat(path, &sb) != 0)
		die(path, strerror(errno));
	if (!S_ISDIR(sb.st_mode)) {
		each_file(path, fn);
		return;
	}
	n = scandir(path, &names, NULL, alphasort);
	if (n < 0)
		die(path, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.') {
			if (asprintf(&sub, "%s/%s", path, names[i]->d_name) < 0)
				die(path, "out of memory");
			each_path(sub, fn);
			free(sub);
		}
		free(names[i]);
	}
	free(names);
}

#ifdef REPLAY_UNPACK

static const char *out_dir;

static void unpack(const char *path, const uint8_t *p, size_t len)
{
	char *to;
	FILE *f;

	if (asprintf(&to, "%s/seed-%05lu", out_dir, replayed++) < 0)
		die(path, "out of memory");
	f = fopen(to, "wb");
	if (!f || fwrite(p, 1, len, f) != len || fclose(f) != 0)
		die(to, strerror(errno));
	free(to);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: replay_unpack OUT IN\n");
		return 2;
	}
	out_dir = argv[1];
	each_path(argv[2], unpack);
	return 0;
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

/* a copy of the exact size, so that a sanitizer sees the first byte past it */
static void run(const uint8_t *p, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		die("input", "out of memory");
	if (len)
		memcpy(copy, p, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	replayed++;
}

static void run_plain(const char *path, const uint8_t *p, size_t len)
{
	(void)path;
	run(p, len);
}

/* xorshift64*: the same numbers everywhere */
static uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1d;
}

static size_t below(uint64_t *state, size_t n)
{
	return n ? (size_t)(next_random(state) % n) : 0;
}

/* 1 to 8 little-endian bytes at @at, of a value that lengths trip over */
static void put_edge(uint8_t *p, size_t len, size_t at, uint64_t *state)
{
	static const uint64_t edges[] = {
		0,	    1,	       0x7f,	   0x80,       0xff,
		0x7fff,	    0xffff,    0x7fffffff, 0x80000000, 0xffffffff,
		UINT64_MAX, INT64_MAX, 1 << 26,
	};
	uint64_t v = edges[below(state, sizeof(edges) / sizeof(edges[0]))];
	size_t width = (size_t)1 << below(state, 4);

	for (size_t i = 0; i < width && at + i < len; i++)
		p[at + i] = (uint8_t)(v >> (8 * i));
}

/* one change to the @len bytes at @p, room for INPUT_MAX; the new length */
static size_t mutate(uint8_t *p, size_t len, uint64_t *state)
{
	size_t at = below(state, len), n = 1 + below(state, 16);

	switch (below(state, 6)) {
	case 0: /* flip a bit */
		if (len)
			p[at] ^= (uint8_t)(1U << below(state, 8));
		return len;
	case 1: /* any byte */
		if (len)
			p[at] = (uint8_t)next_random(state);
		return len;
	case 2:
		put_edge(p, len, at, state);
		return len;
	case 3: /* cut the end off */
		return at;
	case 4: /* take some bytes out */
		if (n > len - at)
			n = len - at;
		memmove(p + at, p + at + n, len - at - n);
		return len - n;
	default: /* say some bytes twice */
		if (n > len - at)
			n = len - at;
		if (n > INPUT_MAX - len)
			return len;
		memmove(p + at + n, p + at, len - at);
		return len + n;
	}
}

static void run_mutated(const char *path, const uint8_t *p, size_t len)
{
	uint64_t state = 0x9e3779b97f4a7c15 ^ len;
	uint8_t *work = malloc(INPUT_MAX);

	(void)path;
	if (!work)
		die("input", "out of memory");
	run(p, len);
	for (int i = 0; i < MUTATIONS; i++) {
		size_t work_len = len, times = 1 + below(&state, 4);

		if (len)
			memcpy(work, p, len);
		while (times--)
			work_len = mutate(work, work_len, &state);
		run(work, work_len);
	}
	free(work);
}

/* no bytes at all, and noise: what every decoder must bear, seeds or not */
static void run_noise(void)
{
	uint64_t state = 1;
	uint8_t noise[512] = { 0 };

	run(noise, 0);
	for (int i = 0; i < MUTATIONS; i++) {
		size_t len = below(&state, sizeof(noise) + 1);

		for (size_t k = 0; k < len; k++)
			noise[k] = (uint8_t)next_random(&state);
		run(noise, len);
	}
}

int main(int argc, char **argv)
{
	struct stat sb;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		each_path(argv[i], run_plain);
	if (argc <= 1) {
		run_noise();
		if (stat(REPLAY_SEEDS, &sb) == 0)
			each_path(REPLAY_SEEDS, run_mutated);
	}
	printf("%lu inputs replayed\n", replayed);
	return 0;
}

#endif
