/* OpenSLO v1 documents: from `apiVersion: openslo/v1` to agreements of ours.
 *
 *   Service          a service document
 *   SLI              openslo_indicator.h   which requests are good, which count
 *   AlertCondition,
 *   AlertPolicy      openslo_alert.h       burn-rate pairs
 *   SLO              openslo_slo.h         an agreement of the same name without a customer
 *         └── all of them name each other ──► openslo_tie: references found, agreements made
 *
 * Why so strict: the usual loaders ignore what they do not know, and then judge something else than
 * the file says. Here a key that is not in the specification is an error with its place; a kind that
 * nines has no use for (DataSource, AlertNotificationTarget) is a warning; labels and annotations are
 * free. nines judges the requests that it receives and asks no other system, so a `metricSource` of
 * any other `type` than nines is refused: to judge it by some default would give a figure that its
 * file does not describe.
 *
 * The provider of such an agreement, which OpenSLO does not know, is its service.
 *
 * Source: the OpenSLO specification v1, https://github.com/OpenSLO/OpenSLO.
 */
#ifndef CATALOG_OPENSLO_H
#define CATALOG_OPENSLO_H

#include "catalog/draft.h"
#include "catalog/fields.h"

/* Is it such a document, or a list of such documents? */
bool openslo_is(const struct node *root);
/* Adds to the draft, or complains. */
void openslo_read(struct draft *draft, const struct reading *reading,
                  const struct yaml_document *document);
/* After the last document: finds what they name and adds the agreements. */
void openslo_tie(struct draft *draft, struct problems *problems);

#endif
