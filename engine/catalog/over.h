/* `over`, the window of an objective, and what must fit into it.
 *
 * Rolling durations are whole seconds from 1 h to OVER_DAYS_MAX days: with whole seconds every
 * threshold and budget stays a fraction of 64-bit terms (domain/agreement.c). M, Q and Y are
 * refused there: a month has no length.
 */
#ifndef CATALOG_OVER_H
#define CATALOG_OVER_H

#include "catalog/fields.h"
#include "domain/window.h"

/* Ten years: beyond any agreement's term, far below what 64 bits of nanoseconds hold. */
#define OVER_DAYS_MAX 3660
/* Of objectives that name no window. */
#define OVER_DEFAULT_NS (30 * NS_PER_DAY)

bool read_over(const struct reading *reading, const struct node *node, struct window *window_out);
/* Complains unless slices of this length fill the window (SEMANTICS section 5; term: both bounds
 * known). */
bool check_slice(const struct reading *reading, const struct node *node, const char *key,
                 int64_t slice_ns, const struct window *window, struct span term);
bool slice_divides(int64_t slice_ns, const struct window *window, struct span term);
/* The shortest that lookbacks must stay below; quarters and years count as 90 and 365 days. */
int64_t over_length_ns(const struct window *window, struct span term);

/* `10d`, `2w`, `1M`, `3Q`, `2Y`, at most OVER_DAYS_MAX days or as many months: the unit and how many
 * of it. */
bool parse_calendar_duration(struct text text, enum calendar_unit *unit_out, uint32_t *count_out);
/* `2025-03-31`, `2025-03-31T12:30:00` (also with a space): by a clock that the text does not name. */
bool parse_local_time(struct text text, int64_t *days_out, int64_t *time_of_day_ns_out);

/* As it is written in a document: `30d`, `month`, `{every: month, anchor: 2025-03-31}`, `{every: 2w,
 * anchor: 2025-03-31T12:30:00}`. */
#define OVER_TEXT_SIZE 80
void over_format(const struct window *window, char *out, size_t size);

#endif
