/* From a decoded record to a canonical event in a batch: names become numbers (or new names that
 * travel as text until the commit thread knows them), ids become fingerprints, rare fields go to
 * the batch's text.
 *
 * The same for every road in: ring, HTTP, files, offline evaluation.
 */
#ifndef DOMAIN_INTAKE_H
#define DOMAIN_INTAKE_H

#include "domain/batch.h"
#include "domain/match.h"
#include "domain/name.h"
#include "domain/record.h"

/* Appends one event. STATUS_FULL: no room left in this batch (nothing changed): close it, take
 * another. occurred_ns: what holds when the record gives no time. hash_key: of the data directory.
 */
must_check enum status intake_record(struct batch *batch, const struct record *record,
                                     const struct name_table *names,
                                     const struct match_rules *rules, uint64_t hash_key,
                                     int64_t occurred_ns);

/* The committer's part: gives every new name of the batch its number (adding it to the table) and
 * puts the numbers into the events. Events whose name found no room are removed and counted as
 * NAMES_FULL. */
void intake_resolve_names(struct batch *batch, struct name_table *names);

/* The fingerprint of the plain request with this id; never 0. */
uint64_t intake_request_fingerprint(struct text service, struct text id, uint64_t hash_key);

#endif
