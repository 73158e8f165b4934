#include "evaluate/panel.h"

#include <stdlib.h>

#include "base/panic.h"

static void publish(void *context, uint32_t series, const struct objective_report *report,
                    const uint64_t totals[3])
{
    scoreboard_publish(context, series, report, totals);
}

enum status panel_open(struct panel **panel_out, const struct evaluator_settings *settings,
                       uint32_t count, uint32_t each_max)
{
    assert(count >= 1);
    assert(count <= WORKERS_MAX);
    struct panel *panel = calloc(1, sizeof(*panel));
    if (panel == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = each_open(&panel->each, settings->set, settings->names, each_max);
    if (status != STATUS_OK) {
        panel_close(panel);
        return status;
    }
    struct evaluator_settings own = *settings;
    own.each = panel->each;
    own.shard_count = count;
    own.publish = publish;
    own.publish_context = &panel->scoreboard;
    status = scoreboard_init(&panel->scoreboard, each_series_max(panel->each));
    while (status == STATUS_OK && panel->count < count) {
        own.shard_index = panel->count;
        status = evaluator_open(&panel->evaluators[panel->count], &own);
        panel->count += status == STATUS_OK ? 1 : 0;
    }
    if (status != STATUS_OK) {
        panel_close(panel);
        return status;
    }
    *panel_out = panel;
    return STATUS_OK;
}

void panel_close(struct panel *panel)
{
    if (panel == NULL) {
        return;
    }
    for (uint32_t i = 0; i < panel->count; i++) {
        evaluator_close(panel->evaluators[i]);
    }
    scoreboard_fini(&panel->scoreboard);
    each_close(panel->each);
    free(panel);
}

enum status panel_apply(struct panel *panel, const struct batch *batch, int64_t now_ns)
{
    each_hear(panel->each, batch);
    for (uint32_t i = 0; i < panel->count; i++) {
        evaluator_admit(panel->evaluators[i], each_count(panel->each));
        enum status status = evaluator_apply(panel->evaluators[i], batch, now_ns);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

uint64_t panel_position(const struct panel *panel)
{
    return evaluator_position(panel->evaluators[0]);
}
