/* ninesd: reads its settings, starts the engine, waits for signals, stops it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "server/documents.h"
#include "server/engine.h"
#include "server/notify.h"
#include "server/presence.h"

/* Damage that LMDB walks into: a mapped page that cannot be read. One line, and an end that is not
 * taken for a crash of ours. */
static void on_bus_error(int signal_number)
{
    static const char message[] = "error: a page of the data directory cannot be read (damaged or "
                                  "truncated file, failing disk); "
                                  "run `nines store verify`\n";
    (void)signal_number;
    ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
    (void)ignored;
    _exit(EX_IOERR);
}

/* From a thread of the engine: it cannot go on. */
static void end_process(void)
{
    kill(getpid(), SIGUSR2);
}

static void prepare_signals(sigset_t *waited)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGBUS, on_bus_error);
    sigemptyset(waited);
    sigaddset(waited, SIGTERM);
    sigaddset(waited, SIGINT);
    sigaddset(waited, SIGHUP);
    sigaddset(waited, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, waited, NULL);
}

/* Returns when the engine is to stop. */
static void wait_for_end(const sigset_t *waited, struct engine *engine)
{
    const struct timespec beat = {PRESENCE_BEAT_NS / NS_PER_SECOND,
                                  PRESENCE_BEAT_NS % NS_PER_SECOND};
    for (;;) {
        engine_beat(engine);
        int number = sigtimedwait(waited, NULL, &beat);
        if (number == SIGHUP) {
            engine_reload(engine);
        } else if (number > 0) {
            return;
        }
    }
}

static void die_at_once(int signal_number)
{
    (void)signal_number;
    _exit(EX_SOFTWARE);
}

/* While draining, a second SIGTERM or SIGINT ends at once; nothing acknowledged is lost by it. */
static void allow_second_signal(const sigset_t *waited)
{
    signal(SIGTERM, die_at_once);
    signal(SIGINT, die_at_once);
    signal(SIGUSR2, SIG_IGN);
    pthread_sigmask(SIG_UNBLOCK, waited, NULL);
}

static bool load_documents(struct documents *documents, const struct settings *settings)
{
    struct text_buffer errors;
    text_buffer_init(&errors);
    bool well = documents_load(documents, settings, settings->data, &errors);
    if (!well) {
        fprintf(stderr, "%s", errors.bytes);
    }
    text_buffer_fini(&errors);
    return well;
}

/* The command line, for reloads: flags win over the file then, too. */
static int argument_count;
static char **arguments;

static bool read_settings_again(struct settings *settings_out)
{
    return settings_read(settings_out, argument_count, arguments, NINES_VERSION) == SETTINGS_RUN;
}

/* Each segment of the log takes a few descriptors, each HTTP client one. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            log_warning("cannot raise the limit of open files");
        }
    }
}

static int run(const struct settings *settings, struct documents *documents)
{
    sigset_t waited;
    prepare_signals(&waited);
    raise_descriptor_limit();
    struct engine *engine;
    const struct engine_hooks hooks = {end_process, read_settings_again};
    int code = engine_start(&engine, settings, documents, &hooks);
    documents_close(documents);
    if (code != 0) {
        return code;
    }
    wait_for_end(&waited, engine);
    log_info("stopping: reading what is left, then committing");
    allow_second_signal(&waited);
    code = engine_stop(engine);
    log_info(code == 0 ? "stopped; everything received is on disk" : "stopped after a failure");
    return code;
}

int main(int argc, char **argv)
{
    static struct settings settings;
    enum settings_result result = settings_read(&settings, argc, argv, NINES_VERSION);
    if (result == SETTINGS_DONE) {
        return EX_OK;
    }
    if (result == SETTINGS_USAGE || result == SETTINGS_BAD) {
        return result == SETTINGS_USAGE ? EX_USAGE : EX_CONFIG;
    }
    static struct documents documents;
    if (!load_documents(&documents, &settings)) {
        return EX_CONFIG;
    }
    if (result == SETTINGS_RUN) {
        argument_count = argc;
        arguments = argv;
        return run(&settings, &documents);
    }
    printf("configuration ok: %u agreements, data in %s\n",
           agreement_count(catalog_set(documents.catalog)), settings.data);
    catalog_free(documents.catalog);
    documents_close(&documents);
    return EX_OK;
}
