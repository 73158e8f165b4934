/* `nines`: what people and scripts use. Each command is a file of its own. */
#include <stdio.h>
#include <string.h>

#include "nines/command.h"

static const struct {
    const char *name;
    command_run *run;
    const char *about;
} commands[] = {
    {"evaluate", command_evaluate, "judge events from files against agreements, offline"},
    {"match", command_match, "show what a log's records would be counted as"},
    {"validate", command_validate, "check agreement files and say what they promise"},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
    fprintf(out, "nines %s - availability you can prove\n\nusage: nines COMMAND [options]\n\n",
            NINES_VERSION);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].about);
    }
    fprintf(out, "\n`nines COMMAND --help` tells more. Exit codes: 0 ok, 1 failed, 2 usage.\n");
}

int main(int argc, char **argv)
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
    fprintf(stderr, "nines: no command '%s'; see nines --help\n", argv[1]);
    return EXIT_USAGE;
}
