/*
 * loss.c - damaged ranges and lost articles as verify and salvage print them
 */
#include <inttypes.h>
#include <stdint.h>

#include "loss.h"
#include "row.h"
#include "text.h"

/* up to the list that the next finding belongs to */
static struct json *list_at(struct loss *loss, int list)
{
	struct json *j = &loss->out;

	if (loss->at == LOSS_BEFORE) {
		j->f = stdout;
		json_open(j, NULL, '{');
		json_open(j, "ranges", '[');
		loss->at = LOSS_RANGES;
	}
	if (loss->at == LOSS_RANGES && list == LOSS_LOST) {
		json_close(j, ']');
		json_open(j, "lost", '[');
		loss->at = LOSS_LOST;
	}
	return j;
}

static void damage_print(const struct sheaf_damage *damage)
{
	char a[TEXT_SIZE];

	fputs("damaged: ", stdout);
	text_write(stdout, text_str(damage->what), TEXT_MESSAGE);
	if (damage->offset != UINT64_MAX)
		printf(", at byte %" PRIu64, damage->offset);
	if (damage->len > 0)
		printf(", %s", text_count(a, damage->len, "byte"));
	if (damage->articles > 0)
		printf("; costs %s",
		       text_count(a, damage->articles, "article"));
	putchar('\n');
}

static void damage_json(struct loss *loss, const struct sheaf_damage *damage)
{
	struct json *j = list_at(loss, LOSS_RANGES);

	json_open(j, NULL, '{');
	if (damage->offset != UINT64_MAX)
		json_number(j, "offset", damage->offset);
	else
		json_null(j, "offset");
	json_number(j, "bytes", damage->len);
	json_text(j, "what", damage->what);
	json_number(j, "articles", damage->articles);
	json_close(j, '}');
}

static void number_or_null(struct json *j, const char *key, uint64_t value,
			   uint64_t none)
{
	if (value != none)
		json_number(j, key, value);
	else
		json_null(j, key);
}

static void lost_json(struct loss *loss, const struct sheaf_record *record)
{
	struct json *j = list_at(loss, LOSS_LOST);
	char hex[13];

	json_open(j, NULL, '{');
	row_prefix(record, hex);
	if (record->id_prefix != UINT64_MAX)
		json_text(j, "id", hex);
	else
		json_null(j, "id");
	if (record->name.len != 0)
		json_str(j, "name", record->name);
	else
		json_null(j, "name");
	number_or_null(j, "commit", record->commit, 0);
	number_or_null(j, "size", record->size, UINT64_MAX);
	json_number(j, "block", record->place.block);
	json_number(j, "slot", record->place.slot);
	json_close(j, '}');
}

void loss_print(FILE *f, const struct sheaf_record *lost)
{
	char hex[13] = "------------";

	if (lost->id_prefix != UINT64_MAX)
		row_prefix(lost, hex);
	fprintf(f, "lost: %s  ", hex);
	if (lost->name.len != 0)
		text_write(f, lost->name, TEXT_EXACT);
	else
		fprintf(f,
			"(its name is not known; article %" PRIu32
			" of the block at byte %" PRIu64 ")",
			lost->place.slot, lost->place.block);
	fputc('\n', f);
}

void loss_take(struct loss *loss, const struct sheaf_damage *damage,
	       const struct sheaf_record *lost)
{
	if (lost && loss->json)
		lost_json(loss, lost);
	else if (lost)
		loss_print(stdout, lost);
	else if (loss->json)
		damage_json(loss, damage);
	else
		damage_print(damage);
}

struct json *loss_json_end(struct loss *loss)
{
	struct json *j = list_at(loss, LOSS_LOST);

	json_close(j, ']');
	return j;
}
