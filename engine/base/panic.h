/* Broken invariants: say what broke and stop.
 *
 * The world fails: that is a `status`. We fail: that is a panic, because a wrong verdict costs more
 * than a restart. `assert` stays on in release builds. `assert_slow` is for checks whose cost shows
 * in a profile; it is on in debug builds only.
 */
#ifndef BASE_PANIC_H
#define BASE_PANIC_H

/* Prints file, line, thread and condition to stderr, then aborts. Never returns. */
_Noreturn void panic_at(const char *file, int line, const char *condition);

#ifdef assert
#undef assert
#endif
#define assert(condition) ((condition) ? (void)0 : panic_at(__FILE__, __LINE__, #condition))

#ifdef NDEBUG
#define assert_slow(condition) ((void)sizeof(condition))
#else
#define assert_slow(condition) assert(condition)
#endif

/* For arms that the model rules out: says why. */
#define unreachable(why) panic_at(__FILE__, __LINE__, why)

#endif
