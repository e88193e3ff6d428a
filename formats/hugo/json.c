/*
 * json.c - takes the values that count out of JSON front matter
 *
 * The object that a post begins with is its front matter, without any fence,
 * so its end is found by its brackets before it is parsed.
 */
#include "formats/hugo/hugo.h"

#include "formats/json.h"

size_t hugo_json_len(const uint8_t *p, size_t len)
{
	bool string = false;
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = p[i];

		if (c == '"')
			string = !string;
		else if (string)
			i += c == '\\';
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return i + 1;
	}
	return 0;
}

enum sheaf_status hugo_json_read(struct values *front, const uint8_t *p,
				 size_t len, struct format_warning *warning)
{
	struct json_trouble trouble;
	struct json_t *object;
	enum sheaf_status st = json_read(&object, p, len, &trouble);

	if (st == SHEAF_OK && trouble.text[0] && trouble.line > 0)
		format_warn(warning, "front matter, line %zu: %s", trouble.line,
			    trouble.text);
	else if (st == SHEAF_OK && trouble.text[0])
		format_warn(warning, "front matter: %s", trouble.text);
	if (st == SHEAF_OK && object)
		st = json_values(object, front);
	json_free(object);
	return st;
}
