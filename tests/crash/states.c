/* Every state that a power loss may leave (RELIABILITY D-1, D-2, D-13), and the planted bugs that must
 * be found (M01, M02, M20, and one of our own for starts).
 *
 *   crash_states [--seed N] [--states N] [--deep] [--only RUN:BOUNDARY:VARIANT]      exit 0: no violation
 */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crash/disk.h"
#include "crash/story.h"

#define STEPS           120
#define STEPS_SECOND    1 /* commits of a second life */
#define VARIANTS        4 /* nothing of what is unflushed; all of it; some, twice */
#define VARIANTS_DEEP   24
#define RARE_FACTOR     4    /* times as many variants while the store is made */
#define STATES          1400 /* and those of making the store */
#define STATES_SECOND   40   /* of each second life */
#define KILLS           12
#define KILLS_DEEP      400
#define CHECK_SECONDS   60
#define NOT_MADE        (-1) /* nothing acknowledged, not even that the store is there */
#define SEGMENTS_FOLDER "data/segments"

/* Where in its work the program was; a class without a state has tested nothing. */
#define PHASE_TABLE(X)                                                                             \
    X(CREATING, "creating the store")                                                              \
    X(ROLLING, "making the next segment")                                                          \
    X(PAGES, "pages written, not flushed")                                                         \
    X(FLUSHED, "pages flushed, meta page not written")                                             \
    X(META, "meta page written, not flushed")                                                      \
    X(COMMITTED, "committed, not acknowledged")                                                    \
    X(QUIET, "acknowledged")                                                                       \
    X(STARTING, "starting again after a kill")                                                     \
    X(SECOND, "committing after that start")
#define OUTCOME_TABLE_(X)                                                                          \
    X(NOTHING, "no database yet")                                                                  \
    X(ACKNOWLEDGED, "holds what was acknowledged")                                                 \
    X(IN_FLIGHT, "and what was in flight")

#define X(name, text) PHASE_##name,
enum phase { PHASE_TABLE(X) PHASE_COUNT };
#undef X
#define X(name, text) FOUND_##name,
enum found { OUTCOME_TABLE_(X) FOUND_COUNT, FOUND_VIOLATION };
#undef X

#define X(name, text) text,
static const char *const phase_texts[] = {PHASE_TABLE(X)};
static const char *const found_texts[] = {OUTCOME_TABLE_(X)};
#undef X

/* The planted bugs. */
enum plant {
    PLANT_NONE,
    PLANT_EARLY,      /* M01: the workload marks before it commits */
    PLANT_NOMETASYNC, /* M02: writes through the O_DSYNC descriptor flush nothing */
    PLANT_IN_PLACE,   /* M20: a segment's folder has its final name from the start */
    PLANT_NO_SETTLE,  /* a start flushes nothing of what the life before it left */
};

/* Written by the child that looks at a state. */
struct finding {
    enum found found;
    uint64_t step;
    char text[900];
};

struct run {
    const char *name;
    enum plant plant;
    const struct crash_log *log;
    size_t from; /* the first boundary looked at; also where the second life begins, 0: none */
    size_t budget;
    uint32_t variants;
    size_t states;
    size_t violations;
    char first[1200];
};

static struct story story;
static struct finding *finding; /* shared with children */
static uint64_t seed;
static bool deep;
static char here[3000];
static char root[3000]; /* of everything that is written */
static const char *only;
static uint64_t histogram[PHASE_COUNT][FOUND_COUNT];

/* Folders */

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    return walk->level == 0 ? 0 : remove(path);
}

static void folder_empty(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "cannot create %s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void path_in(char out[4096], const char *entry)
{
    snprintf(out, 4096, "%s/%s", root, entry);
}

static void roots_make(void)
{
    const char *chosen = getenv("NINES_CRASH_DIR");
    const char *folder = chosen != NULL                         ? chosen
                         : access("/dev/shm", R_OK | W_OK) == 0 ? "/dev/shm"
                                                                : "/tmp";
    snprintf(root, sizeof(root), "%.2000s/nines-states-XXXXXX", folder);
    if (mkdtemp(root) == NULL) {
        fprintf(stderr, "cannot create %s: %s\n", root, strerror(errno));
        exit(EXIT_FAILURE);
    }
    ssize_t length = readlink("/proc/self/exe", here, sizeof(here) - 1);
    here[length > 0 ? length : 0] = '\0';
    *strrchr(here, '/') = '\0';
}

/* Recording */

static _Noreturn void workload_exec(const char *live, const char *log, uint32_t steps,
                                    uint64_t stop_after, bool early)
{
    char program[4096];
    char recorder[4096];
    char directory[4200];
    char numbers[3][32];
    char options[1024];
    const char *given = getenv("ASAN_OPTIONS");
    snprintf(program, sizeof(program), "%s/crash_workload", here);
    snprintf(recorder, sizeof(recorder), "%s/crash_record.so", here);
    snprintf(directory, sizeof(directory), "%s/data", live);
    snprintf(numbers[0], sizeof(numbers[0]), "%" PRIu64, seed);
    snprintf(numbers[1], sizeof(numbers[1]), "%" PRIu32, steps);
    snprintf(numbers[2], sizeof(numbers[2]), "%" PRIu64, stop_after);
    /* The recorder comes before the sanitizer's own library, which it then calls. */
    snprintf(options, sizeof(options), "verify_asan_link_order=0:%.900s",
             given == NULL ? "" : given);
    setenv("ASAN_OPTIONS", options, 1);
    setenv("LD_PRELOAD", recorder, 1);
    setenv(RECORD_LOG_VARIABLE, log, 1);
    setenv(RECORD_ROOT_VARIABLE, live, 1);
    if (stop_after != 0) {
        setenv(RECORD_STOP_VARIABLE, numbers[2], 1);
    }
    execl(program, program, directory, numbers[0], numbers[1], early ? "early" : "", (char *)NULL);
    fprintf(stderr, "cannot start %s: %s\n", program, strerror(errno));
    _exit(EXIT_FAILURE);
}

/* One life of the recorded program; stop_after: 0, to its end. */
static void live_once(const char *live, const char *log, uint32_t steps, uint64_t stop_after,
                      bool early)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        workload_exec(live, log, steps, stop_after, early);
    }
    if (child < 0 || waitpid(child, &status, 0) != child ||
        (stop_after == 0 ? status != 0 : !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)) {
        fprintf(stderr, "FAILED: the recorded program ended with %x\n", (unsigned)status);
        exit(EXIT_FAILURE);
    }
}

/* What the model makes of the log is what is really there. */
static void model_check(const struct crash_log *log, const char *live)
{
    struct disk *disk = disk_new();
    for (size_t i = 0; i < log->count; i++) {
        disk_apply(disk, &log->entries[i]);
    }
    const char *difference = disk_difference(disk, live, "lock.mdb");
    disk_free(disk);
    if (difference != NULL) {
        fprintf(stderr, "FAILED: the recorder missed something: %s differs below %s\n", difference,
                live);
        exit(EXIT_FAILURE);
    }
}

static void record_run(struct crash_log *log, bool early)
{
    char live[4096];
    char path[4096];
    path_in(live, "live");
    path_in(path, "log");
    folder_empty(live);
    unlink(path);
    live_once(live, path, STEPS, 0, early);
    crash_log_read(log, path);
    model_check(log, live);
}

/* A life killed after so many records, and the next one. Gives the boundary at which that begins. */
static size_t record_two_lives(struct crash_log *log, uint64_t stop_after)
{
    char live[4096];
    char path[4096];
    path_in(live, "live");
    path_in(path, "log");
    folder_empty(live);
    unlink(path);
    live_once(live, path, STEPS, stop_after, false);
    live_once(live, path, STEPS_SECOND, 0, false);
    crash_log_read(log, path);
    model_check(log, live);
    return (size_t)stop_after + 1;
}

/* Looking at a state: in a child, which may die of it. */

static __attribute__((format(printf, 1, 2))) _Noreturn void violation(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    finding->found = FOUND_VIOLATION;
    vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
    _exit(EXIT_SUCCESS);
}

static struct store *opened(const char *directory, const char *when)
{
    char message[STORE_MESSAGE_SIZE];
    struct store *store = NULL;
    if (story_open(&store, directory, message) != STATUS_OK) {
        violation("%s it cannot be opened: %s", when, message);
    }
    return store;
}

static void whole(struct store *store, uint64_t step, const char *when)
{
    char message[STORE_MESSAGE_SIZE];
    const char *difference = story_difference(&story, store, (uint32_t)step, message);
    if (difference != NULL) {
        violation("%s, at step %" PRIu64 ": %s %s", when, step, difference, message);
    }
}

static enum found found_of(int64_t acknowledged, uint64_t step, bool nothing)
{
    int64_t stored = nothing ? NOT_MADE : (int64_t)step;
    if (stored < acknowledged) {
        violation("acknowledged up to step %" PRId64 ", but the store holds %" PRId64, acknowledged,
                  stored);
    }
    if (stored > acknowledged + 1) {
        violation("step %" PRId64 " is stored, and only %" PRId64 " was in flight", stored,
                  acknowledged + 1);
    }
    return nothing ? FOUND_NOTHING : stored == acknowledged ? FOUND_ACKNOWLEDGED : FOUND_IN_FLIGHT;
}

/* verified, opened, compared, committed to, opened and compared again. */
static _Noreturn void look(const char *directory, int64_t acknowledged)
{
    char message[STORE_MESSAGE_SIZE];
    alarm(CHECK_SECONDS);
    enum status verified = store_verify(directory, false, CHECK_SECONDS / 2, message);
    bool nothing = verified == STATUS_NOT_FOUND;
    if (verified != STATUS_OK && !nothing) {
        violation("verify: %s", message);
    }
    if (nothing && acknowledged != NOT_MADE) {
        violation("acknowledged up to step %" PRId64 ", but there is no database: %s", acknowledged,
                  message);
    }
    struct store *store = opened(directory, "after the crash");
    uint64_t step = story_step_of(store);
    enum found found = found_of(acknowledged, step, nothing);
    whole(store, step, "after the crash");
    if (story_commit(&story, store, (uint32_t)step + 1, message) != STATUS_OK) {
        violation("the next commit fails: %s", message);
    }
    store_close(store);
    store = opened(directory, "after the next commit");
    whole(store, step + 1, "after the next commit");
    store_close(store);
    finding->found = found;
    finding->step = step;
    _exit(EXIT_SUCCESS);
}

static void look_in_child(const char *directory, int64_t acknowledged)
{
    int status = 0;
    *finding = (struct finding){.found = FOUND_COUNT};
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        look(directory, acknowledged);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        fprintf(stderr, "fork: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
    if (status != 0 || finding->found == FOUND_COUNT) {
        finding->found = FOUND_VIOLATION;
        snprintf(finding->text, sizeof(finding->text),
                 "the process that opened it ended with %s %d",
                 WIFSIGNALED(status) ? "signal" : "exit code",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
}

/* Replaying with a planted bug */

static void suffix_cut(char *path)
{
    char *suffix = strstr(path, ".new");
    if (suffix != NULL) {
        memmove(suffix, suffix + 4, strlen(suffix + 4) + 1);
    }
}

/* starting: the second life has not acknowledged anything yet. */
static void apply(struct disk *disk, const struct log_entry *entry, enum plant plant, bool starting)
{
    struct log_entry changed = *entry;
    switch (plant) {
    case PLANT_NONE:
    case PLANT_EARLY:
        break;
    case PLANT_NOMETASYNC:
        if (entry->record.kind == RECORD_RANGE_SYNC) {
            return;
        }
        break;
    case PLANT_IN_PLACE:
        if (entry->record.kind == RECORD_RENAME) {
            return;
        }
        suffix_cut(changed.path);
        break;
    case PLANT_NO_SETTLE:
        if (starting && entry->record.kind == RECORD_SYNC) {
            return;
        }
        break;
    }
    disk_apply(disk, &changed);
}

struct replay {
    struct disk *disk;
    int64_t acknowledged;
    bool starting; /* a second life, before its first mark */
    bool second;
};

static void replay_step(struct replay *replay, const struct run *run, size_t index)
{
    const struct log_entry *entry = &run->log->entries[index];
    if (entry->record.kind == RECORD_LIFE && index != 0) {
        replay->starting = true;
        replay->second = true;
    }
    apply(replay->disk, entry, run->plant, replay->starting);
    if (entry->record.kind == RECORD_MARK) {
        replay->acknowledged = (int64_t)entry->record.offset;
        replay->starting = false;
    }
}

static enum phase phase_of(const struct replay *replay, const struct crash_log *log,
                           size_t boundary)
{
    static const struct log_entry none = {.record = {.kind = RECORD_KIND_COUNT}};
    const struct log_entry *next = boundary < log->count ? &log->entries[boundary] : &none;
    const struct log_entry *after = boundary + 1 < log->count ? next + 1 : &none;
    if (replay->second) {
        return replay->starting ? PHASE_STARTING : PHASE_SECOND;
    }
    if (replay->acknowledged == NOT_MADE) {
        return PHASE_CREATING;
    }
    if (disk_folder_changing(replay->disk, SEGMENTS_FOLDER, ".new")) {
        return PHASE_ROLLING;
    }
    if (next->record.kind == RECORD_RANGE_SYNC) {
        return PHASE_META;
    }
    if (next->record.kind == RECORD_MARK) {
        return PHASE_COMMITTED;
    }
    if (next->record.kind == RECORD_WRITE && after->record.kind == RECORD_RANGE_SYNC) {
        return PHASE_FLUSHED;
    }
    return boundary != 0 && log->entries[boundary - 1].record.kind == RECORD_MARK ? PHASE_QUIET
                                                                                  : PHASE_PAGES;
}

/* Looking at the states of a log */

static uint64_t state_seed(size_t boundary, uint32_t variant)
{
    uint64_t state = seed ^ (uint64_t)boundary << 20 ^ variant;
    (void)random_next(&state);
    return random_next(&state);
}

static bool selected(const struct run *run, size_t boundary, uint32_t variant)
{
    char name[128];
    if (only == NULL) {
        return true;
    }
    snprintf(name, sizeof(name), "%s:%zu:%" PRIu32, run->name, boundary, variant);
    return strcmp(only, name) == 0;
}

static void note_violation(struct run *run, size_t boundary, uint32_t variant, const char *image)
{
    if (run->violations++ == 0) {
        snprintf(run->first, sizeof(run->first), "%.1000s (--only %s:%zu:%" PRIu32 ")",
                 finding->text, run->name, boundary, variant);
    }
    if (run->plant == PLANT_NONE) {
        fprintf(stderr,
                "VIOLATION: %s\n    run again with --seed %" PRIu64 " --only %s:%zu:%" PRIu32
                "; a state is below %s\n",
                finding->text, seed, run->name, boundary, variant, image);
    }
}

static void look_at(struct run *run, const struct replay *replay, size_t boundary, uint32_t variant)
{
    char image[4096];
    char data[4200];
    enum phase phase = phase_of(replay, run->log, boundary);
    path_in(image, run->violations != 0 ? "image" : "first");
    snprintf(data, sizeof(data), "%s/data", image);
    folder_empty(image);
    disk_write(replay->disk, image, variant < KEEP_SOME ? (enum keep)variant : KEEP_SOME,
               state_seed(boundary, variant));
    look_in_child(data, replay->acknowledged);
    run->states++;
    if (finding->found == FOUND_VIOLATION) {
        note_violation(run, boundary, variant, image);
    } else if (run->plant == PLANT_NONE) {
        histogram[phase][finding->found]++;
    }
}

/* Few boundaries are in the making of a store, and names can be lost there: D-2. */
static bool is_rare(const struct run *run, const struct replay *replay, size_t boundary)
{
    enum phase phase = phase_of(replay, run->log, boundary);
    return phase == PHASE_CREATING;
}

/* Of n changes that are not flushed there are 2^n subsets. */
static uint32_t variants_at(const struct run *run, const struct replay *replay, size_t boundary)
{
    size_t changes = disk_unflushed_names(replay->disk) + disk_unflushed_sectors(replay->disk);
    uint32_t subsets = changes < 16 ? UINT32_C(1) << changes : UINT32_MAX;
    uint32_t wanted = is_rare(run, replay, boundary) ? run->variants * RARE_FACTOR : run->variants;
    return subsets < wanted ? subsets : wanted;
}

static bool is_chosen(const struct run *run, const struct replay *replay, size_t boundary,
                      uint32_t variant, uint64_t per_million)
{
    if (per_million == 0 || (run->plant != PLANT_NONE && run->violations != 0)) {
        return false;
    }
    return (is_rare(run, replay, boundary) ||
            state_seed(boundary, variant + 1000) % 1000000 < per_million) &&
           selected(run, boundary, variant);
}

/* Looks at the states that are chosen: of a million so many, and all of the rare phase. Gives how many
 * there are to choose from. */
static size_t states_walk(struct run *run, uint64_t per_million)
{
    struct replay replay = {.disk = disk_new(), .acknowledged = NOT_MADE};
    size_t common = 0;
    for (size_t boundary = 1; boundary <= run->log->count; boundary++) {
        replay_step(&replay, run, boundary - 1);
        uint32_t variants = boundary < run->from ? 0 : variants_at(run, &replay, boundary);
        common += is_rare(run, &replay, boundary) ? 0 : variants;
        for (uint32_t variant = 0; variant < variants; variant++) {
            if (is_chosen(run, &replay, boundary, variant, per_million)) {
                look_at(run, &replay, boundary, variant);
            }
        }
    }
    disk_free(replay.disk);
    return common;
}

static void run_states(struct run *run)
{
    size_t common = states_walk(run, 0);
    uint64_t share = run->budget >= common ? 1000000 : run->budget * 1000000 / common;
    states_walk(run, only != NULL ? 1000000 : share);
}

/* The runs */

static uint32_t failures;

static void control_report(const struct run *run)
{
    if (only != NULL) {
        return;
    }
    failures += run->violations == 0;
    printf("%-22s %s after %zu states%s%s\n", run->name,
           run->violations != 0 ? "caught" : "NOT CAUGHT", run->states,
           run->violations != 0 ? ": " : "", run->first);
}

static void control(const char *name, enum plant plant, const struct crash_log *log)
{
    struct run run = {
        .name = name, .plant = plant, .log = log, .budget = SIZE_MAX, .variants = VARIANTS};
    run_states(&run);
    control_report(&run);
}

static uint32_t variants_now(void)
{
    return deep ? VARIANTS_DEEP : VARIANTS;
}

static void run_report(const struct run *run)
{
    failures += run->violations != 0;
    printf("%-22s %zu states, %zu violations\n", run->name, run->states, run->violations);
}

enum kill_class { KILL_CREATING, KILL_NAMES, KILL_META, KILL_PAGES, KILL_CLASS_COUNT };

static enum kill_class kill_class_of(const struct replay *replay, const struct crash_log *log,
                                     size_t boundary)
{
    switch (phase_of(replay, log, boundary)) {
    case PHASE_CREATING:
        return KILL_CREATING;
    case PHASE_ROLLING:
        return KILL_NAMES;
    case PHASE_META:
        return KILL_META;
    default:
        return KILL_PAGES;
    }
}

/* One boundary of the class, drawn from all at which a kill leaves something unflushed: what the next
 * life takes for granted and the disk does not hold. */
static uint64_t kill_draw(const struct crash_log *log, enum kill_class class, uint64_t *random)
{
    struct run run = {.log = log};
    struct replay replay = {.disk = disk_new(), .acknowledged = NOT_MADE};
    uint64_t drawn = 0;
    uint64_t count = 0;
    for (size_t boundary = 1; boundary < log->count; boundary++) {
        replay_step(&replay, &run, boundary - 1);
        bool unflushed =
            disk_unflushed_names(replay.disk) + disk_unflushed_sectors(replay.disk) != 0;
        if (unflushed && kill_class_of(&replay, log, boundary) == class &&
            random_next(random) % ++count == 0) {
            drawn = boundary;
        }
    }
    disk_free(replay.disk);
    return drawn;
}

static void run_second_life(struct run *total, uint64_t kill)
{
    struct crash_log log;
    struct run run = *total;
    run.log = &log;
    run.from = record_two_lives(&log, kill);
    run_states(&run);
    crash_log_fini(&log);
    run.log = NULL;
    *total = run;
}

/* D-13: killed with the cache alive, started again, then the power fails. What the second life found in
 * the cache it answers with; so it must have made it durable first. */
static void run_restarts(const char *name, enum plant plant, const struct crash_log *first)
{
    uint64_t kills = deep ? KILLS_DEEP : KILLS;
    uint64_t random = seed;
    struct run run = {.name = name, .plant = plant, .variants = variants_now()};
    run.budget = deep || plant != PLANT_NONE ? SIZE_MAX : STATES_SECOND;
    for (uint64_t i = 0; i < kills; i++) {
        enum kill_class class = (enum kill_class)(i % KILL_CLASS_COUNT);
        uint64_t kill = kill_draw(first, class, &random);
        /* A store that is only made in the second life has flushes that this plant is not about. */
        bool fits = plant == PLANT_NONE || (class != KILL_CREATING && run.violations == 0);
        if (kill != 0 && fits) {
            run_second_life(&run, kill);
        }
    }
    if (plant == PLANT_NONE) {
        run_report(&run);
    } else {
        control_report(&run);
    }
}

static void histogram_print(void)
{
    printf("%-40s", "states by phase of the crash");
    for (uint32_t found = 0; found < FOUND_COUNT; found++) {
        printf("  %s", found_texts[found]);
    }
    printf("\n");
    for (uint32_t phase = 0; phase < PHASE_COUNT; phase++) {
        uint64_t sum = 0;
        printf("  %-38s", phase_texts[phase]);
        for (uint32_t found = 0; found < FOUND_COUNT; found++) {
            printf("  %*" PRIu64, (int)strlen(found_texts[found]), histogram[phase][found]);
            sum += histogram[phase][found];
        }
        printf("\n");
        if (sum == 0) {
            printf("FAILED: no state of '%s'\n", phase_texts[phase]);
            failures++;
        }
    }
    for (uint32_t found = 0; found < FOUND_COUNT; found++) {
        uint64_t sum = 0;
        for (uint32_t phase = 0; phase < PHASE_COUNT; phase++) {
            sum += histogram[phase][found];
        }
        if (sum == 0) {
            printf("FAILED: no state that '%s'\n", found_texts[found]);
            failures++;
        }
    }
}

static uint64_t argument(int argc, char **argv, const char *name, uint64_t otherwise)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return strtoull(argv[i + 1], NULL, 0);
        }
    }
    return otherwise;
}

static void arguments_read(int argc, char **argv)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seed = argument(argc, argv, "--seed", (uint64_t)now.tv_nsec);
    for (int i = 1; i < argc; i++) {
        deep |= strcmp(argv[i], "--deep") == 0;
        if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            only = argv[i + 1];
        }
    }
}

int main(int argc, char **argv)
{
    struct crash_log log;
    struct crash_log log_early;
    arguments_read(argc, argv);
    story_init(&story, seed);
    roots_make();
    finding =
        mmap(NULL, sizeof(*finding), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    record_run(&log, false);
    printf("seed %" PRIu64 ": %zu records of %d commits\n", seed, log.count, STEPS);
    struct run main_run = {.name = "power-loss", .log = &log, .variants = variants_now()};
    main_run.budget = deep ? SIZE_MAX : argument(argc, argv, "--states", STATES);
    run_states(&main_run);
    run_report(&main_run);
    run_restarts("kill-then-power-loss", PLANT_NONE, &log);
    control("M02-no-meta-sync", PLANT_NOMETASYNC, &log);
    control("M20-made-in-place", PLANT_IN_PLACE, &log);
    run_restarts("start-flushes-nothing", PLANT_NO_SETTLE, &log);
    record_run(&log_early, true);
    control("M01-early-ack", PLANT_EARLY, &log_early);
    if (only == NULL) {
        histogram_print();
    }
    crash_log_fini(&log);
    crash_log_fini(&log_early);
    story_fini(&story);
    if (failures == 0) {
        folder_empty(root);
        rmdir(root);
    }
    printf("%s\n", failures == 0 ? "no violation; no planted bug missed" : "FAILED");
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
