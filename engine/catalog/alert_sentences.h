/* What the burn alerts of an objective mean, and which default ones it has not, in sentences. */
#ifndef CATALOG_ALERT_SENTENCES_H
#define CATALOG_ALERT_SENTENCES_H

#include "base/text_buffer.h"
#include "domain/agreement.h"

/* Lines of their own, indented by two. */
void explain_alerts(struct text_buffer *out, const struct objective *objective);

#endif
