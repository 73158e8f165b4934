#include "evaluate/exclusion_reach.h"

#include "evaluate/interference.h"

/* The incident that the entry takes out by its components alone; NULL: none. */
static const struct incident *taken_out(const struct timeline_sources *sources,
                                        const struct exclusion *entry, uint32_t service)
{
    if (exclusion_incident(entry) == NAME_NONE ||
        !exclusion_is_approved(entry, sources->has_customer, sources->customer)) {
        return NULL;
    }
    const struct incident *incident = incident_find(sources->incidents, exclusion_incident(entry));
    bool reaches = incident != NULL && !incident->cancelled && incident->component_count != 0 &&
                   timeline_concerns(sources, incident->customer) &&
                   !incident_names_service(incident, sources->services[service]);
    return reaches ? incident : NULL;
}

/* blame: per component, when it makes the service's requirement fail. */
static void add_reach(const struct timeline_sources *sources, const struct incident *incident,
                      const struct span_set *blame, struct span_set *spans)
{
    for (uint32_t i = 0; i < sources->component_count; i++) {
        if (!incident_names_component(incident, sources->component_names[i])) {
            continue;
        }
        for (uint32_t j = 0; j < incident->interval_count; j++) {
            const struct incident_interval *interval = &incident->intervals[j];
            struct span actual = {interval->actual_from_ns, interval->span.end_ns};
            for (uint32_t k = 0; k < blame[i].count; k++) {
                span_set_add(spans, span_intersect(actual, blame[i].spans[k]));
            }
        }
    }
}

static void add_entries(const struct timeline_sources *sources, const struct exclusion *entries,
                        uint32_t count, uint32_t service, struct span_set *spans)
{
    struct span_set *blame = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const struct incident *incident = taken_out(sources, &entries[i], service);
        if (incident == NULL) {
            continue;
        }
        if (blame == NULL) {
            blame = interference_with(sources, service, SEVERITY_INFO, NULL);
        }
        add_reach(sources, incident, blame, spans);
    }
    interference_close(blame, sources->component_count);
}

static bool rests_on_components(const struct timeline_sources *sources, uint32_t service)
{
    return sources->needed != NULL && sources->requires[service] != NULL;
}

void exclusion_reach_mask(const struct timeline_sources *sources, uint32_t service,
                          struct span_set *mask)
{
    if (rests_on_components(sources, service)) {
        add_entries(sources, sources->exclusions->entries, sources->exclusions->count, service,
                    mask);
        span_set_normalize(mask);
    }
}

void exclusion_reach_of(const struct timeline_sources *sources, const struct exclusion *entry,
                        uint32_t service, struct span_set *spans)
{
    if (rests_on_components(sources, service)) {
        add_entries(sources, entry, 1, service, spans);
    }
}

const struct exclusion *exclusion_reach_at(const struct timeline_sources *sources, uint32_t service,
                                           int64_t ns)
{
    const struct exclusion_register *list = sources->exclusions;
    const struct exclusion *found = NULL;
    struct span_set spans = {0};
    for (uint32_t i = 0; i < list->count && found == NULL; i++) {
        span_set_clear(&spans);
        exclusion_reach_of(sources, &list->entries[i], service, &spans);
        span_set_normalize(&spans);
        found = span_set_holds(&spans, ns) ? &list->entries[i] : NULL;
    }
    span_set_fini(&spans);
    return found;
}
