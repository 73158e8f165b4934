/* Random agreements and maintenance documents, one JSON object each (which is YAML too): for the
 * catalog with `---` between them, for the oracle as a list. Only what the oracle judges. */
#ifndef SIM_AGREEMENTS_H
#define SIM_AGREEMENTS_H

#include "base/text_buffer.h"
#include "sim/sim_options.h"

#define SIM_DOCUMENTS_MAX 12

struct sim_agreements {
    struct text_buffer documents[SIM_DOCUMENTS_MAX];
    uint32_t document_count;
    bool has_latency; /* some objective's good has a latency limit */
};

void sim_agreements_draw(struct sim_agreements *agreements, const struct sim_options *options,
                         struct random *random, int64_t now_ns);
void sim_agreements_fini(struct sim_agreements *agreements);
void sim_agreements_yaml(const struct sim_agreements *agreements, struct text_buffer *out);
void sim_agreements_list(const struct sim_agreements *agreements, struct text_buffer *out);

#endif
