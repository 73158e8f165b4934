/* Figures as people say them. */
#ifndef NINES_WORDS_H
#define NINES_WORDS_H

#include "base/text_buffer.h"
#include "nines/json_view.h"

/* "0.35 s", "12 min", "2.5 h", "3 d 4 h" */
void words_duration(struct text_buffer *out, int64_t ns);
/* "15:11:40" on the day of `day_ns`, else "2026-11-23 15:11:40"; UTC. */
void words_time(struct text_buffer *out, int64_t ns, int64_t day_ns);
/* An RFC 3339 time of the daemon, cut to whole seconds. */
void words_instant(struct text_buffer *out, const json_t *value, const char *path,
                   const char *absent);
/* "99.9 %": of a number in JSON text; `absent` when there is none. */
void words_percent(struct text_buffer *out, const json_t *value, const char *path,
                   const char *absent);
/* "MET", "AT RISK": of "met", "at_risk". */
void words_verdict(struct text_buffer *out, const char *verdict);
/* RFC 3339; false when there is none. */
bool words_read_time(const json_t *value, const char *path, int64_t *ns_out);
/* A string, or a list of strings with ", " between. */
void words_list(struct text_buffer *out, const json_t *value);

#endif
