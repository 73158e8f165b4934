/* `nines`: what people and scripts use. Each command is a file of its own. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nines/command.h"
#include "nines/terminal.h"

static const struct {
    const char *name;
    command_run *run;
    const char *about;
} commands[] = {
    {"status", command_status, "how far the daemon is, and what became of all it received"},
    {"report", command_report, "what was promised, what was measured"},
    {"explain", command_explain, "what made a figure, and what would change the verdict"},
    {"agreements", command_agreements, "what the daemon judges by"},
    {"incidents", command_incidents, "list incidents"},
    {"incident", command_incident, "open, acknowledge, promote, resolve or cancel an incident"},
    {"exclude", command_exclude, "propose, approve, dispute or list time that is not to count"},
    {"maintenance", command_maintenance,
     "announce, cancel or list maintenance; calendars in and out"},
    {"check", command_check, "one objective for Nagios and its kin"},
    {"import", command_import, "send log files to the daemon, until every line is durable"},
    {"evaluate", command_evaluate, "judge events from files against agreements, offline"},
    {"match", command_match, "show what a log's records would be counted as"},
    {"validate", command_validate, "check agreement files and say what they promise"},
    {"store", command_store, "verify, measure, dump or hash a data directory"},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
    fprintf(out, "nines %s - availability you can prove\n\nusage: nines COMMAND [options]\n\n",
            NINES_VERSION);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].about);
    }
    fprintf(out, "\n`nines COMMAND --help` tells more. Exit codes: 0 ok, 1 failed, 2 usage.\n");
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("nines %s\n", NINES_VERSION);
        return EXIT_OK;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    terminal_complain("no command '%s'; see nines --help", argv[1]);
    return EXIT_USAGE;
}

/* A file or socket opened where a closed standard stream was would receive what is printed. The
 * place is taken by something that cannot be written to, so that the loss is noticed. */
static void fill_standard_places(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) {
            _exit(EXIT_FAILED);
        }
    }
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    fill_standard_places();
    return terminal_finish(run_command(argc, argv));
}
