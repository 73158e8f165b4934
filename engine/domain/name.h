/* The table of names: services, customers, components, sources and incident ids as small numbers.
 *
 * One writer (the commit thread, which makes a name durable before it publishes it) and any number
 * of readers (decoding threads) without locks: the table only grows, entries never change.
 *
 * field            written by   read by   order
 * slots[i]         the writer   readers   release [N] / acquire [N]: the entry may be read
 * entries, texts   the writer   readers   written before the slot that names them is published
 * count            the writer   readers   release / acquire, for those who walk all names
 *
 * A reader that misses a name that is just being added takes the slow road (the name travels as
 * text and the writer finds it): a stale read costs time, never correctness.
 */
#ifndef DOMAIN_NAME_H
#define DOMAIN_NAME_H

#include "base/bytes.h"
#include "base/status.h"
#include "domain/event.h"

struct name_table;

/* The key that it was opened with. */
uint64_t name_table_hash_key(const struct name_table *table);
/* names_max: bound on names; hash_key: random per data directory. */
must_check enum status name_table_open(struct name_table **table_out, uint32_t names_max,
                                       uint64_t hash_key);
void name_table_close(struct name_table *table);

/* Any thread. NAME_NONE when the table does not hold it. */
uint32_t name_find(const struct name_table *table, struct text text);
/* Any thread. The text of a number; TEXT_NONE for NAME_NONE and for numbers not in the table. */
struct text name_text(const struct name_table *table, uint32_t name);
/* Any thread. Names are 1 .. count. */
uint32_t name_count(const struct name_table *table);
uint32_t name_count_max(const struct name_table *table);

/* Writer only. Finds or adds; STATUS_FULL at the bound. text: 1 to NAME_BYTES_MAX bytes. */
must_check enum status name_add(struct name_table *table, struct text text, uint32_t *name_out);

#endif
