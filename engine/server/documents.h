/* The agreements that the settings name, loaded; and what of changed settings a reload cannot put in
 * force. */
#ifndef SERVER_DOCUMENTS_H
#define SERVER_DOCUMENTS_H

#include "catalog/catalog.h"
#include "server/settings.h"

/* NULL when there is any error; all of them are in `errors`, a line each. Warnings go to stderr. */
struct catalog *documents_load(const struct settings *settings, struct text_buffer *errors);

/* Appends the names of settings that differ and are read at start only, separated by ", ". */
void settings_fixed_changes(const struct settings *running, const struct settings *fresh,
                            struct text_buffer *names);

#endif
