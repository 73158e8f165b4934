/* Moves the times inside a log line, each in its own notation: epoch numbers keep their unit and
 * their number of decimals, RFC 3339 and access-log times their zone and fraction.
 *
 *   {"ts":"2026-11-23T16:09:44+00:00","msec":1795450184.502}   + 1 h  ->
 *   {"ts":"2026-11-23T17:09:44+00:00","msec":1795453784.502}
 *
 * A time is rounded down to what its notation can say. Times of syslog headers stay (a log message
 * that carries a time of its own is judged by that). Pure. */
#ifndef NINES_TIME_SHIFT_H
#define NINES_TIME_SHIFT_H

#include "base/text_buffer.h"
#include "domain/record.h"

/* Does the line say when it happened, in a way that can be moved? */
bool time_shift_possible(const struct record *record);

/* Appends the line with its times moved. False: some time stands as it was. */
bool time_shift_line(struct text line, const struct record *record, int64_t shift_ns,
                     struct text_buffer *out);

#define TIME_TOKEN_SIZE 80
/* One time. False when it is in no known notation, or leaves its range. */
bool time_shift_token(struct text token, int64_t shift_ns, char out[TIME_TOKEN_SIZE],
                      uint32_t *length_out);

#endif
