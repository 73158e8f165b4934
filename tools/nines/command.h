/* The commands of `nines`: one function each, listed in main.c. Exit codes: 0 ok, 1 failed, 2
 * usage. */
#ifndef NINES_COMMAND_H
#define NINES_COMMAND_H

#define EXIT_OK     0
#define EXIT_FAILED 1
#define EXIT_USAGE  2

/* argv[0] is the command's name. */
typedef int command_run(int argc, char **argv);

command_run command_agreements;
command_run command_check;
command_run command_evaluate;
command_run command_exclude;
command_run command_explain;
command_run command_import;
command_run command_incident;
command_run command_incidents;
command_run command_maintenance;
command_run command_match;
command_run command_report;
command_run command_status;
command_run command_store;
command_run command_validate;

#endif
