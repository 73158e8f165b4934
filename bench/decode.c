/* bench-decode [--seconds N] [--line-bytes N] [--ids 1]: the ring thread's work without the socket,
 * on one core, over lines as nines-load sends them (64 MiB of them, so that they come from memory):
 *
 *   decode   framing and decode_record
 *   intake   the same, and the canonical event into a batch (names known, batches thrown away)
 */
#include "decode/decode.h"
#include "base/clock.h"
#include "decode/frame.h"
#include "domain/intake.h"
#include "load/lines.h"
#include "measure.h"
#ifdef BENCH_SIMDJSON
#include "simdjson_lines.h"
#endif

#define LINES_BYTES (64u << 20)
/* As much as one receive of the engine brings. */
#define BLOCK_BYTES (64u << 10)

struct work {
    char *bytes;
    char *padded; /* for simdjson */
    uint32_t line_bytes;
    uint32_t line_count;
    struct decoder *decoder;
    struct line_index index;
    struct name_table *names;
    struct batch *batch; /* NULL: decode only */
    int64_t now_ns;      /* read once a block, as the engine does */
};

static void must(enum status status, const char *what)
{
    if (status != STATUS_OK) {
        give_up(what, status_text(status));
    }
}

static void take(struct work *work, struct text bytes)
{
    struct record record;
    enum reject reject;
    bool ack;
    if (decode_framed(work->decoder, bytes, &work->index, work->now_ns, &record, &reject, &ack) !=
        DECODE_RECORD) {
        give_up("decode", decoder_detail(work->decoder));
    }
    if (work->batch == NULL) {
        return;
    }
    const struct match_rules rules = {0};
    while (intake_record(work->batch, &record, work->names, &rules, 1, work->now_ns) ==
           STATUS_FULL) {
        intake_resolve_names(work->batch, work->names);
        batch_reset(work->batch);
    }
}

static void pass(struct work *work)
{
    struct framer framer = {.index = &work->index};
    /* Blocks of whole lines: what is carried over a block's end is the receiver's affair. */
    uint32_t block = BLOCK_BYTES / work->line_bytes * work->line_bytes;
    uint64_t total = (uint64_t)work->line_count * work->line_bytes;
    for (uint64_t at = 0; at < total; at += block) {
        size_t length = total - at < block ? total - at : block;
        work->now_ns = clock_realtime_ns(clock_system());
        for (size_t used = 0; used < length;) {
            struct text record;
            enum reject reject;
            size_t consumed;
            if (frame_next(&framer, work->bytes + at + used, length - used, false, &consumed,
                           &record, &reject) != FRAME_RECORD) {
                give_up("frame", "not a record");
            }
            used += consumed;
            take(work, (struct text){record.bytes, record.length});
        }
    }
}

/* Passes over all lines for as long as was asked; the rate is that of the best: what others do to
 * the caches of this machine only ever costs time. */
static double lines_per_second(struct work *work, void (*run)(struct work *work), double seconds)
{
    double best = 0;
    double start = seconds_used();
    for (double before = start, now = start; now - start < seconds || best == 0; before = now) {
        run(work);
        now = seconds_used();
        double rate = work->line_count / (now - before);
        best = rate > best ? rate : best;
    }
    return best;
}

#ifdef BENCH_SIMDJSON

static void simdjson_pass(const struct work *work, bool all)
{
    uint64_t sum;
    size_t length = (size_t)work->line_count * work->line_bytes;
    if (simdjson_take(work->padded, length, all, &sum) != work->line_count) {
        give_up("simdjson", "not all lines were taken");
    }
}

static void simdjson_all(struct work *work)
{
    simdjson_pass(work, true);
}

static void simdjson_in_order(struct work *work)
{
    simdjson_pass(work, false);
}

static void simdjson_report(struct work *work, double seconds)
{
    size_t length = (size_t)work->line_count * work->line_bytes;
    work->padded = memory(length + simdjson_padding());
    memcpy(work->padded, work->bytes, length);
    double all = lines_per_second(work, simdjson_all, seconds);
    double in_order = lines_per_second(work, simdjson_in_order, seconds);
    printf(",\"simdjson\":\"%s\",\"simdjson_lines_per_second\":%.0f,"
           "\"simdjson_in_order_lines_per_second\":%.0f",
           simdjson_name(), all, in_order);
    free(work->padded);
}

#else

static void simdjson_report(struct work *work, double seconds)
{
    (void)work;
    (void)seconds;
}

#endif

int main(int argc, char **argv)
{
    static struct work work;
    work.line_bytes = (uint32_t)option_number(argc, argv, "--line-bytes", 190);
    double seconds = (double)option_number(argc, argv, "--seconds", 2);
    static struct lines lines;
    static struct batch batch;
    struct lines_settings settings = {
        .line_bytes = work.line_bytes,
        .services = 3,
        .customers = 100,
        .errors = 0.001,
        .ids = option_number(argc, argv, "--ids", 0) != 0,
        .seed = 1,
    };
    lines_init(&lines, &settings);
    work.line_count = LINES_BYTES / work.line_bytes;
    work.bytes = memory(LINES_BYTES);
    lines_prepare(&lines, work.bytes, work.line_count);
    lines_fill(&lines, work.bytes, work.line_count, clock_realtime_ns(clock_system()), 100);
    (void)line_index_init(&work.index, line_index_path_best());
    must(decoder_open(&work.decoder, NULL), "decoder_open");
    must(name_table_open(&work.names, 1 << 20, 1), "name_table_open");
    must(batch_init(&batch), "batch_init");
    double decode = lines_per_second(&work, pass, seconds);
    work.batch = &batch;
    double intake = lines_per_second(&work, pass, seconds);
    printf("{\"line_bytes\":%u,\"decode_lines_per_second\":%.0f,\"decode_bytes_per_second\":%.0f,"
           "\"intake_lines_per_second\":%.0f,\"intake_bytes_per_second\":%.0f",
           work.line_bytes, decode, decode * work.line_bytes, intake, intake * work.line_bytes);
    simdjson_report(&work, seconds);
    printf("}\n");
    decoder_close(work.decoder);
    name_table_close(work.names);
    batch_fini(&batch);
    free(work.bytes);
    return 0;
}
