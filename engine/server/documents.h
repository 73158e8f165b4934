/* The agreements that the settings name, loaded, each in the version that is in force; and what of
 * changed settings a reload cannot put in force. */
#ifndef SERVER_DOCUMENTS_H
#define SERVER_DOCUMENTS_H

#include "server/settings.h"
#include "server/version_record.h"

struct documents {
    struct catalog *catalog; /* taken over by whoever uses it */
    int64_t entered_ns;      /* its agreements are in the versions of this instant */
    struct version_record record;
};

/* data: the folder that holds the record of versions. False when there is any error; all of them
 * are in `errors`, a line each. Warnings go to stderr. Writes nothing. */
bool documents_load(struct documents *documents, const struct settings *settings, const char *data,
                    struct text_buffer *errors);
/* Remembers which versions were loaded. False: that could not be written, which is logged. */
bool documents_record(const struct documents *documents);
/* All but the catalog. */
void documents_close(struct documents *documents);
/* When the next version comes into force after ns; INT64_MAX: none is known. */
int64_t documents_next_version_ns(const struct agreement_set *set, int64_t ns);

/* Appends the names of settings that differ and are read at start only, separated by ", ". */
void settings_fixed_changes(const struct settings *running, const struct settings *fresh,
                            struct text_buffer *names);

#endif
