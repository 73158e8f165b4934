/* `timeWindow` of an SLO (openslo_slo.h has the forms): to a window of ours. */
#ifndef CATALOG_OPENSLO_WINDOW_H
#define CATALOG_OPENSLO_WINDOW_H

#include "catalog/draft.h"
#include "catalog/fields.h"

/* window_out keeps its value where `spec` has none. False after a complaint. */
bool openslo_read_window(struct draft *draft, const struct reading *reading,
                         const struct node *spec, struct window *window_out);

#endif
