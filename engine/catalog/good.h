/* `good` or `bad`: what makes a request good or bad; `total`: which requests count at all; and the
 * limit of the short form `99% < 300ms`. */
#ifndef CATALOG_GOOD_H
#define CATALOG_GOOD_H

#include "catalog/fields.h"
#include "domain/agreement.h"

#define STATUS_MAX 65535

/* `{status: "<500"}`. */
struct good_rule good_rule_default(void);
/* Only what is given must hold: `{latency: "<=300ms"}` asks nothing of the status. */
bool read_good(const struct reading *reading, const struct node *node, struct good_rule *rule_out);
/* The same keys for bad requests: those that this holds of, all others are good. The limit of latency
 * is a lower one, the word of outcome is `bad`. */
bool read_bad(const struct reading *reading, const struct node *node, struct good_rule *rule_out);
/* {class: standing, customer: acme}: at least one of them. */
bool read_total(const struct reading *reading, const struct node *node,
                struct total_rule *total_out);
/* Its keys in a mapping that has others too, any number of them. */
bool read_total_keys(const struct reading *reading, const struct node *node,
                     struct total_rule *total_out);
/* `< 300ms`, `<=300ms`: adds the limit to the rule. */
bool parse_latency(const struct reading *reading, const struct node *node, struct text text,
                   struct good_rule *rule);

#endif
