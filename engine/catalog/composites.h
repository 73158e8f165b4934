/* `method: composite`: what an objective that is made of others says, and whether it makes sense.
 *
 * Members go by name: within an agreement by the objective's, in a project by the agreement's, `/`
 * and the objective's (a project's other objectives by their own names). Those of an agreement, and
 * of a project its own, are looked up when the list of objectives has been read; other agreements
 * when all documents have been. */
#ifndef CATALOG_COMPOSITES_H
#define CATALOG_COMPOSITES_H

#include "catalog/draft.h"
#include "catalog/fields.h"

/* The composites among the objectives that one document lists. */
struct composite_list {
    struct draft *draft;
    const struct reading *reading;
    const struct node *node; /* the mapping of objectives: as many as there are, in that order */
    struct objective *objectives;
    uint32_t count;
    const struct agreement *agreement; /* NULL: a project's; else without its objectives yet */
};

/* Reads combine, members, weights and missing of every composite. */
bool composites_read(const struct composite_list *list);

/* After the last document: members of projects' objectives in agreements. Adds an agreement for
 * every project that has objectives, and says which agreements are to be judged together. */
void composites_tie(struct draft *draft, struct problems *problems);

#endif
