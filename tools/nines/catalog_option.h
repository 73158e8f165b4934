/* Loading agreements named on a command line: errors go to stderr, all of them in one go. */
#ifndef NINES_CATALOG_OPTION_H
#define NINES_CATALOG_OPTION_H

#include "catalog/catalog.h"
#include "nines/options.h"

/* NULL when there was an error (already printed). */
struct catalog *catalog_from_paths(const struct option_list *paths);

#endif
