/* `nines store ...`: looks at a data directory. It takes no lock and changes nothing, so that a
 * running daemon is not disturbed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "domain/civil.h"
#include "nines/command.h"
#include "nines/options.h"
#include "nines/store_dump.h"
#include "nines/terminal.h"
#include "store/store.h"

/* As many as the daemon may be configured for. */
#define NAMES_MAX        10000000
#define SEGMENT_BYTES    (UINT64_C(16) << 20)
#define VERIFY_SECONDS   3600
#define DUMP_BYTES_FLUSH (1 << 18)

struct request {
    const char *operands[2]; /* what to do, and the directory */
    bool json;
};

/* A LMDB file that is damaged can take a process along, so a child looks first. False: complained.
 */
static bool verify(const char *directory)
{
    char message[STORE_MESSAGE_SIZE] = "";
    enum status status = store_verify(directory, false, VERIFY_SECONDS, message);
    if (status != STATUS_OK) {
        terminal_complain("%s", message[0] != '\0' ? message : status_text(status));
    }
    return status == STATUS_OK;
}

/* NULL: complained. */
static struct store *open_store(const char *directory)
{
    struct store_settings settings = {
        .directory = directory,
        .names_max = NAMES_MAX,
        .segment_bytes_first = SEGMENT_BYTES,
        .segment_bytes_max = SEGMENT_BYTES,
        .read_only = true,
    };
    char message[STORE_MESSAGE_SIZE] = "";
    struct store *store = NULL;
    enum status status = store_open(&store, &settings, clock_realtime_ns(clock_system()), message);
    if (status != STATUS_OK) {
        terminal_complain("%s", message[0] != '\0' ? message : status_text(status));
        return NULL;
    }
    return store;
}

static int run_verify(const struct request *request)
{
    if (!verify(request->operands[1])) {
        if (request->json) {
            printf("{\"valid\":false}\n");
        }
        return EXIT_FAILED;
    }
    printf(request->json ? "{\"valid\":true}\n" : "ok: every segment is whole\n");
    return EXIT_OK;
}

static void add_reasons(struct text_buffer *out, const uint64_t *counts, uint32_t count,
                        const char *(*word)(uint32_t reason))
{
    const char *comma = "";
    for (uint32_t i = 0; i < count; i++) {
        if (counts[i] != 0) {
            text_buffer_format(out, "%s\"%s\":%" PRIu64, comma, word(i), counts[i]);
            comma = ",";
        }
    }
}

static const char *rejected_word(uint32_t reason)
{
    return reject_word((enum reject)reason);
}

static const char *shedding_word(uint32_t reason)
{
    return shed_word((enum shed)reason);
}

static void write_stat(struct store *store, struct text_buffer *out)
{
    struct store_info info;
    struct store_counters counters;
    store_info(store, &info);
    store_counters(store, &counters);
    char created[CIVIL_TEXT_SIZE];
    civil_format(info.created_ns, created);
    text_buffer_format(out,
                       "{\"segments\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"events\":%" PRIu64
                       ",\"position_first\":%" PRIu64 ",\"position_next\":%" PRIu64
                       ",\"names\":%u,\"created_at\":\"%s\",\"engine_down\":{\"count\":%u,"
                       "\"ns\":\"%" PRId64 "\"},\"counters\":{\"received\":%" PRIu64
                       ",\"stored\":%" PRIu64 ",\"duplicate\":%" PRIu64 ",\"rejected\":{",
                       info.segment_count, info.bytes, info.position_next - info.position_first,
                       info.position_first, info.position_next, name_count(store_names(store)),
                       created, store_absences(store)->count, store_absent_ns(store),
                       counters.received, counters.stored, counters.duplicate);
    add_reasons(out, counters.rejected, REJECT_COUNT, rejected_word);
    text_buffer_string(out, "},\"shed\":{");
    add_reasons(out, counters.shed, SHED_COUNT, shedding_word);
    text_buffer_format(out, "},\"without_id\":%" PRIu64 ",\"time_from_receipt\":%" PRIu64 "}}\n",
                       counters.without_id, counters.time_from_receipt);
}

static void say_stat(struct store *store, struct text_buffer *out)
{
    struct store_info info;
    struct store_counters counters;
    store_info(store, &info);
    store_counters(store, &counters);
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {
        {"segments", info.segment_count},
        {"bytes", info.bytes},
        {"events", info.position_next - info.position_first},
        {"first position", info.position_first},
        {"next position", info.position_next},
        {"names", name_count(store_names(store))},
        {"engine down, times", store_absences(store)->count},
        {"engine down, s", (uint64_t)(store_absent_ns(store) / NS_PER_SECOND)},
        {"received", counters.received},
        {"stored", counters.stored},
        {"duplicate", counters.duplicate},
    };
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[TERMINAL_COUNT_SIZE];
        text_buffer_format(out, "%-24s %18s\n", rows[i].name, terminal_count(rows[i].count, text));
    }
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        if (counters.rejected[i] != 0) {
            text_buffer_format(out, "rejected %-15s %18" PRIu64 "\n", rejected_word(i),
                               counters.rejected[i]);
        }
    }
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        if (counters.shed[i] != 0) {
            text_buffer_format(out, "shed %-19s %18" PRIu64 "\n", shedding_word(i),
                               counters.shed[i]);
        }
    }
}

/* A walk over the whole log. */
struct walk {
    const struct name_table *names;
    struct text_buffer out;
    bool dumps;
    uint64_t events;
    uint64_t hash;
};

static bool see_batch(void *context, const struct batch *batch)
{
    struct walk *walk = context;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        walk->events++;
        if (!walk->dumps) {
            walk->hash = store_dump_hash_event(walk->hash, batch, i);
            continue;
        }
        store_dump_event(batch, i, walk->names, &walk->out);
        if (walk->out.length > DUMP_BYTES_FLUSH) {
            terminal_print(&walk->out);
            text_buffer_clear(&walk->out);
        }
    }
    return ferror(stdout) == 0; /* nobody reads any more */
}

static enum status walk_log(struct store *store, struct walk *walk)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    char message[STORE_MESSAGE_SIZE] = "";
    enum status status = batch == NULL ? STATUS_NO_MEMORY : batch_init(batch);
    if (status == STATUS_OK) {
        status = store_scan(store, 0, UINT64_MAX, batch, see_batch, walk, message);
        batch_fini(batch);
    }
    free(batch);
    if (status != STATUS_OK) {
        terminal_complain("%s", message[0] != '\0' ? message : status_text(status));
    }
    return status;
}

static int run_walk(const struct request *request, struct store *store, bool dumps)
{
    struct walk walk = {.names = store_names(store), .dumps = dumps};
    text_buffer_init(&walk.out);
    enum status status = walk_log(store, &walk);
    if (status == STATUS_OK && !dumps) {
        uint64_t hash = store_dump_hash_names(walk.hash, walk.names);
        text_buffer_format(&walk.out,
                           request->json ? "{\"hash\":\"%016" PRIx64 "\",\"events\":%" PRIu64
                                           ",\"names\":%u}\n"
                                         : "%016" PRIx64 "  %" PRIu64 " events, %u names\n",
                           hash, walk.events, name_count(walk.names));
    }
    terminal_print(&walk.out);
    text_buffer_fini(&walk.out);
    return status == STATUS_OK ? EXIT_OK : EXIT_FAILED;
}

static int run_stat(const struct request *request, struct store *store)
{
    struct text_buffer out;
    text_buffer_init(&out);
    if (request->json) {
        write_stat(store, &out);
    } else {
        say_stat(store, &out);
    }
    terminal_print(&out);
    text_buffer_fini(&out);
    return EXIT_OK;
}

static int run_engine_down(const struct store *store)
{
    struct text_buffer out;
    text_buffer_init(&out);
    store_dump_absences(store_absences(store), &out);
    terminal_print(&out);
    text_buffer_fini(&out);
    return EXIT_OK;
}

static int run_opened(const struct request *request)
{
    const char *word = request->operands[0];
    if (!verify(request->operands[1])) {
        return EXIT_FAILED;
    }
    struct store *store = open_store(request->operands[1]);
    if (store == NULL) {
        return EXIT_FAILED;
    }
    int code = strcmp(word, "stat") == 0 ? run_stat(request, store)
               : strcmp(word, "engine-down") == 0
                   ? run_engine_down(store)
                   : run_walk(request, store, strcmp(word, "dump") == 0);
    store_close(store);
    return code;
}

int command_store(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        {"json", OPTION_FLAG, &request.json, NULL, "as JSON (a dump always is)"},
    };
    struct option_table table = {
        .usage = "store verify|stat|dump|engine-down|hash DIR [--json]",
        .about =
            "Looks at a data directory, of a running daemon too; changes nothing.\n"
            "  verify  is every segment whole?\n"
            "  stat    segments, events, bytes and counters\n"
            "  dump    all events as NDJSON, with their positions\n"
            "  engine-down  when the engine was not running, as NDJSON: what `nines evaluate`\n"
            "          needs besides the events for the same coverage\n"
            "  hash    one number over all events and names, in order; equal for equal logs",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.operands,
        .operand_max = 2,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    const char *word = table.operand_count == 2 ? request.operands[0] : "";
    if (strcmp(word, "verify") == 0) {
        return run_verify(&request);
    }
    if (strcmp(word, "stat") == 0 || strcmp(word, "dump") == 0 || strcmp(word, "hash") == 0 ||
        strcmp(word, "engine-down") == 0) {
        return run_opened(&request);
    }
    terminal_complain("store takes verify, stat, dump, engine-down or hash, and a data directory");
    return EXIT_USAGE;
}
