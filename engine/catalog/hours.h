/* `zone: Europe/Berlin` and `hours: [Mon-Fri 08:00-20:00]`, from text to domain objects. */
#ifndef CATALOG_HOURS_H
#define CATALOG_HOURS_H

#include "catalog/draft.h"
#include "catalog/fields.h"

/* NULL for UTC. A zone of several agreements is read once. */
bool read_zone(struct draft *draft, const struct reading *reading, const struct node *node,
               const struct zone **zone_out);
/* NULL for `always`. */
bool read_hours(const struct reading *reading, const struct node *node,
                const struct hours **hours_out);

/* "Mon-Fri 08:00-20:00"; out at least HOURS_TEXT_SIZE bytes. */
#define HOURS_TEXT_SIZE 48
void hours_format(const struct hours_entry *entry, char *out);

#endif
