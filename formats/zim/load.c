/*
 * load.c - finds the plugin that knows libzim
 *
 * Beside the library, in sheaf/, as it lies in a build folder and wherever an
 * installation was moved to; else where the library was made to be installed.
 * The plugin stays loaded: libzim and Xapian keep state of the process.
 */
#include "formats/zim/load.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME "sheaf-zim.so"

static const struct zim_api *api_open(const char *path)
{
	void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	const struct zim_api *api =
		plugin ? dlsym(plugin, "sheaf_zim_api") : NULL;

	return api && api->version == ZIM_API_VERSION ? api : NULL;
}

/* false if the place of the library is not known */
static bool path_beside(char path[PATH_MAX])
{
	static const char anchor;
	const char *slash;
	Dl_info info;
	int len;

	if (dladdr(&anchor, &info) == 0 || !info.dli_fname)
		return false;
	slash = strrchr(info.dli_fname, '/');
	len = slash ? (int)(slash - info.dli_fname) : 0;
	return len > 0 && snprintf(path, PATH_MAX, "%.*s/sheaf/" FILE_NAME, len,
				   info.dli_fname) < PATH_MAX;
}

enum sheaf_status zim_load(const struct zim_api **out, struct sheaf_error *err)
{
	const struct zim_api *api = NULL;
	char path[PATH_MAX];

	if (path_beside(path))
		api = api_open(path);
	if (!api)
		api = api_open(SHEAF_PLUGIN_DIR "/" FILE_NAME);
	*out = api;
	if (api)
		return SHEAF_OK;
	return fail(err, SHEAF_UNSUPPORTED,
		    "zim needs " FILE_NAME ", which is built where libzim-dev "
		    "is installed");
}
