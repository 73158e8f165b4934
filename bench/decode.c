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

#define LINES_BYTES (64u << 20)
/* As much as one receive of the engine brings. */
#define BLOCK_BYTES (64u << 10)

struct work {
    char *bytes;
    uint32_t line_bytes;
    uint32_t line_count;
    struct decoder *decoder;
    struct name_table *names;
    struct batch *batch; /* NULL: decode only */
    int64_t now_ns;      /* read once a block, as the engine does */
    uint64_t lines;
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
    if (decode_record(work->decoder, bytes, work->now_ns, &record, &reject, &ack) !=
        DECODE_RECORD) {
        give_up("decode", decoder_detail(work->decoder));
    }
    work->lines++;
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
    struct framer framer = {0};
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
            take(work, record);
        }
    }
}

static double lines_per_second(struct work *work, double seconds)
{
    pass(work);
    work->lines = 0;
    double start = seconds_used();
    double now = start;
    while (now - start < seconds) {
        pass(work);
        now = seconds_used();
    }
    return (double)work->lines / (now - start);
}

int main(int argc, char **argv)
{
    struct work work = {.line_bytes = (uint32_t)option_number(argc, argv, "--line-bytes", 190)};
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
    must(decoder_open(&work.decoder, NULL), "decoder_open");
    must(name_table_open(&work.names, 1 << 20, 1), "name_table_open");
    must(batch_init(&batch), "batch_init");
    double decode = lines_per_second(&work, seconds);
    work.batch = &batch;
    double intake = lines_per_second(&work, seconds);
    printf("{\"line_bytes\":%u,\"decode_lines_per_second\":%.0f,\"decode_bytes_per_second\":%.0f,"
           "\"intake_lines_per_second\":%.0f,\"intake_bytes_per_second\":%.0f}\n",
           work.line_bytes, decode, decode * work.line_bytes, intake, intake * work.line_bytes);
    decoder_close(work.decoder);
    name_table_close(work.names);
    batch_fini(&batch);
    free(work.bytes);
    return 0;
}
