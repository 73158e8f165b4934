/* One event that a command sends to the daemon, and what is said about it. */
#ifndef NINES_POSTING_H
#define NINES_POSTING_H

#include "nines/query.h"

/* Members of an event; nothing for NULL and for empty lists. */
void posting_string(json_t *event, const char *key, const char *value);
void posting_list(json_t *event, const char *key, const struct option_list *list);
/* An instant that was given as an option. False: complained. */
bool posting_time(json_t *event, const char *key, const char *value, int64_t *ns_out);
/* start and end, the end behind the start where both are given. False: complained. */
bool posting_span(json_t *event, const char *start, const char *end);

/* Sends it, waits until it is durable and says "KIND ID DONE", or prints the answer as JSON. An exit
 * code; a refusal was complained about. */
int posting_send(const json_t *event, const char *base, const char *done, bool json);

#endif
