/* example CORPUS KEY: print the article that has this id, name or url */
#include <stdio.h>
#include <string.h>
#include <sheaf/sheaf.h>

static int take(enum sheaf_key_kind kind, struct sheaf_place place,
		const struct sheaf_record *record, void *arg)
{
	(void)kind, (void)record;
	*(struct sheaf_place *)arg = place;
	return 1; /* no more: the newest of a name comes first */
}

int main(int argc, char **argv)
{
	struct sheaf_str key = { argv[argc - 1], strlen(argv[argc - 1]) };
	struct sheaf_corpus *corpus;
	struct sheaf_place place;
	struct sheaf_bytes article = { NULL, 0, 0 };
	struct sheaf_error err;

	if (argc != 3 || sheaf_open(&corpus, argv[1], NULL, &err) != SHEAF_OK)
		return 2;
	if (sheaf_find(corpus, key, take, &place, &err) == SHEAF_CANCELLED &&
	    sheaf_read(corpus, place, &article, NULL, &err) == SHEAF_OK)
		fwrite(article.p, 1, article.len, stdout);
	else
		fprintf(stderr, "%s: %s\n", argv[2], err.text);
	sheaf_bytes_done(&article);
	sheaf_close(corpus);
	return 0;
}
