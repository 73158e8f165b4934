/* Time zones of the system: `Europe/Berlin` from /usr/share/zoneinfo. A small reader of TZif, versions
 * 2 and later (RFC 8536): the 64-bit block and the rule in the footer.
 *
 * Why our own: glibc's TZ is global state, and libical 3.0 was wrong for zones that the file has
 * right. Leap seconds ("right/" zones) are refused: times here have none. Cold path.
 */
#ifndef CATALOG_TZIF_H
#define CATALOG_TZIF_H

#include "base/status.h"
#include "catalog/region.h"
#include "domain/zone.h"

/* STATUS_NOT_FOUND: no such zone (or no such name of one); STATUS_DAMAGED: not a file of a zone.
 * UTC under any of its names gives NULL. The zone lives in the region. */
must_check enum status tzif_load(struct region *kept, struct text name,
                                 const struct zone **zone_out);
/* From the bytes of a file; for tests. */
must_check enum status tzif_parse(struct region *kept, struct text bytes, struct zone *zone_out);

#endif
