/* Numbers and names as expand.c and explain.c write them. */
#ifndef CATALOG_WORDING_H
#define CATALOG_WORDING_H

#include "base/text_buffer.h"
#include "domain/agreement.h"

/* A limit of latency as `latency` reads it back: `300ms`, `0.5ms`. */
void write_latency(struct text_buffer *out, uint64_t ns);
/* The status ranges as `status` reads them back: `<500`, `200-299,304`. */
void write_status(struct text_buffer *out, const struct good_rule *rule);
/* Parts per billion as a percentage without sign: `99.9`. */
void write_percent(struct text_buffer *out, int64_t ppb);
/* 43,200 */
void write_grouped(struct text_buffer *out, uint64_t value);
/* Nanoseconds as people say them: `43 m 12 s`, `25.92 s`. */
void write_span(struct text_buffer *out, int64_t ns);
/* `1000.00 USD` */
void write_money(struct text_buffer *out, int64_t minor, const char *currency);
/* The part of the budget that a pair waits for, in parts per billion; false when that is no whole
 * number (then its threshold is a decimal). */
bool alert_share_ppb(const struct alert_pair *pair, const struct window *window,
                     int64_t *share_ppb_out);

#endif
