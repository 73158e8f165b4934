/* Globs against the textbook recursion. */
#include <criterion/criterion.h>

#include "domain/match.h"
#include "support/random.h"

static bool matches_slowly(const char *pattern, const char *text)
{
    if (*pattern == '\0') {
        return *text == '\0';
    }
    if (*pattern == '*') {
        return matches_slowly(pattern + 1, text) ||
               (*text != '\0' && matches_slowly(pattern, text + 1));
    }
    return *text != '\0' && (*pattern == '?' || *pattern == *text) &&
           matches_slowly(pattern + 1, text + 1);
}

static void write_random(struct random *random, const char *alphabet, uint32_t letters, char *out)
{
    uint32_t length = (uint32_t)random_below(random, 12);
    for (uint32_t i = 0; i < length; i++) {
        out[i] = alphabet[random_below(random, letters)];
    }
    out[length] = '\0';
}

Test(glob, agrees_with_the_recursive_definition)
{
    struct random random = random_seeded("glob");
    uint32_t matched = 0;
    for (uint32_t round = 0; round < 200000; round++) {
        char pattern[16];
        char text[16];
        write_random(&random, "ab*?*", 5, pattern);
        write_random(&random, "ab", 2, text);
        bool expected = matches_slowly(pattern, text);
        cr_assert_eq(glob_matches(pattern, text_from(text)), expected, "%s on %s", pattern, text);
        matched += expected ? 1 : 0;
    }
    cr_assert_gt(matched, 1000);
}
