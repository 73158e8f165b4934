/* A history told to evaluators: agreements as YAML, events as NDJSON lines, told in any order, in
 * batches of any size, at any instants, to any number of shards. What comes out is the JSON of all
 * reports at one instant, so that two ways of telling can be compared byte by byte.
 *
 *   lines ─► decoder ─► intake ─► batches ─► fake log and every shard's evaluator ─► reports
 *
 * No committer: repeats are not taken out.
 */
#ifndef SUPPORT_STORY_H
#define SUPPORT_STORY_H

#include "base/text_buffer.h"
#include "catalog/catalog.h"
#include "evaluate/evaluator.h"
#include "support/fake_log.h"
#include "support/random.h"

#define STORY_LINE_SIZE  512
#define STORY_LINES_MAX  20480
#define STORY_SHARDS_MAX 8
/* 2026-06-01T00:00:00Z, a Monday. */
#define STORY_START_NS INT64_C(1780272000000000000)

struct story {
    struct catalog *catalog;
    char (*lines)[STORY_LINE_SIZE];
    uint32_t line_count;
};

void story_init(struct story *story, const char *agreements);
void story_fini(struct story *story);
__attribute__((format(printf, 2, 3))) void story_add(struct story *story, const char *format, ...);
/* A time in a line: seconds with nine decimals, since the epoch. */
const char *story_time(int64_t ns, char out[32]);

/* Those who are told: one name table and log, and an evaluator for each shard. */
struct audience {
    const struct story *story;
    struct name_table *names;
    struct fake_log log;
    struct batch *batch;
    struct decoder *decoder;
    struct evaluator *evaluators[STORY_SHARDS_MAX];
    uint32_t shard_count;
    uint64_t events;
    bool is_punctual; /* all was received when the story began, whenever it is judged */
    bool is_replay;   /* nothing is published before the end */
};

/* max_future_ns, retention_ns: INT64_MAX for none. */
void audience_init(struct audience *audience, const struct story *story, uint32_t shard_count,
                   int64_t max_future_ns, int64_t retention_ns);
/* The same without limits of time, with room for so many requests with a life. */
void audience_init_bounded(struct audience *audience, const struct story *story,
                           uint32_t shard_count, uint32_t open_requests_max);
/* The same with a row store for old rows. */
void audience_init_paged(struct audience *audience, const struct story *story, uint32_t shard_count,
                         const struct row_store_source *rows);
void audience_fini(struct audience *audience);
/* One line into the open batch; it must be a good one. */
void audience_hear(struct audience *audience, const char *line);
/* The open batch becomes durable, received and judged at now. */
void audience_judge(struct audience *audience, int64_t now_ns);
void audience_advance(struct audience *audience, int64_t now_ns);
/* The reports of all series at now, appended. */
void audience_reports(struct audience *audience, struct text_buffer *out);
/* One report; the series is a number in the whole set. */
void audience_report(struct audience *audience, uint32_t series,
                     struct objective_report *report_out);
/* Sums over the shards. */
void audience_counters(const struct audience *audience, struct evaluator_counters *counters_out);

/* Tells all lines in this order (NULL: as they stand). random NULL: as one run of full batches,
 * judged at `at`; else batches of random sizes at random instants. Appends the reports at `at`. */
void story_tell(const struct story *story, const uint32_t *order, struct random *random,
                uint32_t shard_count, int64_t at_ns, struct text_buffer *out);

#endif
