#include "support/story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "decode/decode.h"
#include "domain/intake.h"
#include "report/report_json.h"

#define HASH_KEY 7

void story_init(struct story *story, const char *agreements)
{
    *story = (struct story){.lines = calloc(STORY_LINES_MAX, STORY_LINE_SIZE)};
    assert(story->lines != NULL);
    struct text_buffer errors;
    struct text_buffer warnings;
    text_buffer_init(&errors);
    text_buffer_init(&warnings);
    enum status status =
        catalog_load_text(&story->catalog, "story.yaml", text_from(agreements), &errors, &warnings);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s", errors.bytes);
    }
    assert(status == STATUS_OK);
    text_buffer_fini(&errors);
    text_buffer_fini(&warnings);
}

void story_fini(struct story *story)
{
    catalog_free(story->catalog);
    free(story->lines);
}

void story_add(struct story *story, const char *format, ...)
{
    assert(story->line_count < STORY_LINES_MAX);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(story->lines[story->line_count++], STORY_LINE_SIZE, format, arguments);
    va_end(arguments);
    assert(length < STORY_LINE_SIZE);
}

const char *story_time(int64_t ns, char out[32])
{
    snprintf(out, 32, "%lld.%09lld", (long long)(ns / NS_PER_SECOND),
             (long long)(ns % NS_PER_SECOND));
    return out;
}

static void init(struct audience *audience, const struct story *story, uint32_t shard_count,
                 const struct evaluator_settings *limits)
{
    assert(shard_count <= STORY_SHARDS_MAX);
    *audience = (struct audience){.story = story, .shard_count = shard_count, .batch = batch_new()};
    enum status status = name_table_open(&audience->names, 10000, HASH_KEY);
    assert(status == STATUS_OK);
    status = decoder_open(&audience->decoder, NULL);
    assert(status == STATUS_OK);
    fake_log_init(&audience->log, audience->names);
    for (uint32_t i = 0; i < shard_count; i++) {
        struct evaluator_settings settings = *limits;
        settings.set = catalog_set(story->catalog);
        settings.names = audience->names;
        settings.history = fake_log_history(&audience->log);
        settings.shard_index = i;
        settings.shard_count = shard_count;
        settings.now_ns = STORY_START_NS;
        status = evaluator_open(&audience->evaluators[i], &settings);
        assert(status == STATUS_OK);
    }
}

void audience_init(struct audience *audience, const struct story *story, uint32_t shard_count,
                   int64_t max_future_ns, int64_t retention_ns)
{
    init(
        audience, story, shard_count,
        &(struct evaluator_settings){.max_future_ns = max_future_ns, .retention_ns = retention_ns});
}

void audience_init_bounded(struct audience *audience, const struct story *story,
                           uint32_t shard_count, uint32_t open_requests_max)
{
    init(audience, story, shard_count,
         &(struct evaluator_settings){.max_future_ns = INT64_MAX,
                                      .retention_ns = INT64_MAX,
                                      .open_requests_max = open_requests_max});
}

void audience_init_paged(struct audience *audience, const struct story *story, uint32_t shard_count,
                         const struct row_store_source *rows)
{
    init(audience, story, shard_count,
         &(struct evaluator_settings){
             .max_future_ns = INT64_MAX, .retention_ns = INT64_MAX, .rows = *rows});
}

void audience_fini(struct audience *audience)
{
    for (uint32_t i = 0; i < audience->shard_count; i++) {
        evaluator_close(audience->evaluators[i]);
    }
    fake_log_fini(&audience->log);
    batch_delete(audience->batch);
    decoder_close(audience->decoder);
    name_table_close(audience->names);
}

void audience_hear(struct audience *audience, const char *line)
{
    struct record record;
    enum reject reject;
    bool ack;
    enum decode_result result =
        decode_record(audience->decoder, text_from(line), STORY_START_NS, &record, &reject, &ack);
    if (result != DECODE_RECORD) {
        fprintf(stderr, "%s\n%s\n", line, decoder_detail(audience->decoder));
    }
    assert(result == DECODE_RECORD);
    enum status status =
        intake_record(audience->batch, &record, audience->names,
                      &catalog_set(audience->story->catalog)->match, HASH_KEY, STORY_START_NS);
    assert(status == STATUS_OK);
    audience->events++;
}

void audience_judge(struct audience *audience, int64_t now_ns)
{
    struct batch *batch = audience->batch;
    batch->received_ns = audience->is_punctual ? STORY_START_NS : now_ns;
    intake_resolve_names(batch, audience->names);
    fake_log_append(&audience->log, batch);
    for (uint32_t i = 0; i < audience->shard_count; i++) {
        enum status status = evaluator_apply(audience->evaluators[i], batch, now_ns);
        assert(status == STATUS_OK);
        if (!audience->is_replay) {
            evaluator_publish(audience->evaluators[i]);
        }
    }
    batch_reset(batch);
}

void audience_advance(struct audience *audience, int64_t now_ns)
{
    for (uint32_t i = 0; i < audience->shard_count; i++) {
        evaluator_advance(audience->evaluators[i], now_ns);
    }
}

void audience_report(struct audience *audience, uint32_t series,
                     struct objective_report *report_out)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < audience->shard_count; i++) {
        found += evaluator_report(audience->evaluators[i], series, report_out) ? 1 : 0;
    }
    assert(found == 1); /* every series lives in exactly one shard */
}

void audience_reports(struct audience *audience, struct text_buffer *out)
{
    uint32_t series_count = evaluator_series_count(audience->evaluators[0]);
    for (uint32_t series = 0; series < series_count; series++) {
        struct objective_report report;
        audience_report(audience, series, &report);
        report_json(&report, out);
        text_buffer_char(out, '\n');
    }
}

void audience_counters(const struct audience *audience, struct evaluator_counters *counters_out)
{
    *counters_out = (struct evaluator_counters){0};
    for (uint32_t i = 0; i < audience->shard_count; i++) {
        struct evaluator_counters own;
        evaluator_counters(audience->evaluators[i], &own);
        counters_out->future += own.future;
        counters_out->ancient += own.ancient;
        counters_out->unmatched += own.unmatched;
        counters_out->incidents_refused += own.incidents_refused;
        counters_out->requests_shed += own.requests_shed;
    }
}

void story_tell(const struct story *story, const uint32_t *order, struct random *random,
                uint32_t shard_count, int64_t at_ns, struct text_buffer *out)
{
    struct audience audience;
    audience_init(&audience, story, shard_count, INT64_MAX, INT64_MAX);
    /* What is late follows from the times of receipt, which are another story's in another order. */
    audience.is_punctual = true;
    int64_t now_ns = random == NULL ? at_ns : STORY_START_NS;
    uint32_t told = 0;
    while (told < story->line_count) {
        uint32_t left = story->line_count - told;
        uint32_t part = left < 4000 ? left : 4000;
        if (random != NULL) {
            part = 1 + (uint32_t)random_below(random, part < 200 ? part : 200);
            /* Now and then far, mostly not at all, never past the end. */
            int64_t step_ns = (at_ns - now_ns) / (int64_t)(1 + random_below(random, 20));
            now_ns += random_once_in(random, 4) ? step_ns : 0;
        }
        for (uint32_t i = 0; i < part; i++, told++) {
            audience_hear(&audience, story->lines[order == NULL ? told : order[told]]);
        }
        audience_judge(&audience, now_ns);
    }
    audience_advance(&audience, at_ns);
    audience_reports(&audience, out);
    audience_fini(&audience);
}
