/* Many agreements, each about a service of its own with one objective (99.9 % over 30 days, default
 * alerts), and the names of those services: what the benchmarks of the evaluator judge.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "base/text_buffer.h"
#include "catalog/catalog.h"
#include "evaluate/evaluator.h"
#include "evaluate/scoreboard.h"
#include "measure.h"

static inline void must(enum status status, const char *what)
{
    if (status != STATUS_OK) {
        give_up(what, status_text(status));
    }
}

static inline struct catalog *load_agreement(void)
{
    static const char yaml[] =
        "agreement: a\nprovider: p\nservices: [s]\nobjectives: {availability: 99.9%}\n";
    struct text_buffer errors;
    struct text_buffer warnings;
    text_buffer_init(&errors);
    text_buffer_init(&warnings);
    struct catalog *catalog;
    if (catalog_load_text(&catalog, "bench", text_from(yaml), &errors, &warnings) != STATUS_OK) {
        give_up("agreements", errors.bytes);
    }
    text_buffer_fini(&errors);
    text_buffer_fini(&warnings);
    return catalog;
}

struct crowd {
    struct catalog *catalog;
    struct name_table *names; /* services are 1 .. series */
    struct agreement_set set;
    struct agreement *agreements;
    const char **services;
    char (*texts)[12];
};

static inline void crowd_init(struct crowd *crowd, uint32_t series)
{
    struct catalog *catalog = load_agreement();
    const struct agreement_set *one = catalog_set(catalog);
    *crowd = (struct crowd){
        .catalog = catalog,
        .set = *one,
        .agreements = calloc(series, sizeof(*crowd->agreements)),
        .services = calloc(series, sizeof(*crowd->services)),
        .texts = calloc(series, sizeof(*crowd->texts)),
    };
    if (crowd->agreements == NULL || crowd->services == NULL || crowd->texts == NULL) {
        give_up("agreements", "out of memory");
    }
    must(name_table_open(&crowd->names, series + 1024, 1), "name_table_open");
    for (uint32_t i = 0; i < series; i++) {
        uint32_t number;
        snprintf(crowd->texts[i], sizeof(crowd->texts[i]), "s%u", i);
        must(name_add(crowd->names, text_from(crowd->texts[i]), &number), "name_add");
        crowd->services[i] = crowd->texts[i];
        crowd->agreements[i] = one->agreements[0];
        crowd->agreements[i].name = crowd->texts[i];
        crowd->agreements[i].services = &crowd->services[i];
    }
    crowd->set.agreements = crowd->agreements;
    crowd->set.agreement_count = series;
}

static inline void crowd_fini(struct crowd *crowd)
{
    name_table_close(crowd->names);
    catalog_free(crowd->catalog);
    free(crowd->agreements);
    free(crowd->services);
    free(crowd->texts);
}

/* What the evaluator tells and asks: figures go to a scoreboard, and nothing of the past is read. */
static inline void publish(void *context, uint32_t series, const struct objective_report *report,
                           const uint64_t totals[3])
{
    scoreboard_publish(context, series, report, totals);
}

static inline enum status no_history(void *context, int64_t from_ns, int64_t to_ns,
                                     uint64_t position_end, history_visit *visit,
                                     void *visit_context)
{
    (void)context, (void)from_ns, (void)to_ns, (void)position_end, (void)visit, (void)visit_context;
    return STATUS_OK;
}

#endif
