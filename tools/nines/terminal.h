/* What people read: messages, tables and their colours.
 *
 * Names and texts come from log files and from servers, and a terminal obeys some bytes (ESC
 * sequences, carriage returns, bidirectional overrides). Whatever is not ours goes through
 * terminal_escape before it is printed. */
#ifndef NINES_TERMINAL_H
#define NINES_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/text_buffer.h"

/* Appends text; control characters and bytes that are not UTF-8 become \n, \t or \xNN. */
void terminal_escape(struct text_buffer *out, struct text text);
/* The same, but line feeds stay: for texts of several lines. */
void terminal_escape_lines(struct text_buffer *out, struct text text);

/* "nines: MESSAGE\n" to standard error, escaped and cut at a length that a person may still read.
 */
__attribute__((format(printf, 1, 2))) void terminal_complain(const char *format, ...);

/* May verdicts be coloured on standard output? */
bool terminal_has_colour(void);

/* Prints all of it to standard output. Whether that worked says terminal_finish. */
void terminal_print(const struct text_buffer *text);
/* The exit code, once all that was printed has left: a full disk or a closed output makes a failure
 * of `code` 0. A reader that went away (`nines report | head`) knows why, and is told nothing. */
int terminal_finish(int code);
/* What a server sent, as it is; escaped when a terminal would show it. */
void terminal_print_foreign(struct text text);

/* 1234567 -> "1,234,567". out: 27 bytes or more. */
#define TERMINAL_COUNT_SIZE 32
const char *terminal_count(uint64_t count, char out[TERMINAL_COUNT_SIZE]);

#endif
