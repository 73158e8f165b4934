/* The system's time zones by name, for whoever meets the names in events: read once, kept for the
 * life of the process. All who judge one event must mean the same by a name, and the judges come and
 * go with reloads and questions about the past; so this is the one thing here that is nobody's.
 * Documents read their zones for themselves (tzif.h), anew at each reload. Any thread. */
#ifndef CATALOG_ZONE_REGISTER_H
#define CATALOG_ZONE_REGISTER_H

#include "domain/zone.h"

/* A zone_find. Names that are not there, or too many different ones (the system has about 600), are
 * not found. */
bool zone_register_find(struct text name, const struct zone **zone_out);

#endif
