/* The last sign of life of a daemon, as its next start finds it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/presence.h"

static char data[64];
static char path[80];

static void setup(void)
{
    snprintf(data, sizeof(data), "/tmp/nines-presence-XXXXXX");
    cr_assert_not_null(mkdtemp(data));
    snprintf(path, sizeof(path), "%s/alive", data);
}

static void teardown(void)
{
    unlink(path);
    rmdir(data);
}

TestSuite(presence, .init = setup, .fini = teardown);

static void damage(off_t at, char byte, off_t length)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
    cr_assert_eq(ftruncate(fd, length), 0);
    close(fd);
}

Test(presence, without_a_file_nothing_is_known)
{
    cr_assert_eq(presence_last(data), INT64_MIN);
}

Test(presence, each_beat_replaces_the_one_before)
{
    struct presence presence;
    presence_open(&presence, data);
    cr_assert_eq(presence_last(data), INT64_MIN);
    presence_beat(&presence, INT64_C(1750000000123456789));
    cr_assert_eq(presence_last(data), INT64_C(1750000000123456789));
    presence_beat(&presence, 5); /* the clock was put back */
    cr_assert_eq(presence_last(data), 5);
    presence_close(&presence, INT64_MAX);
    cr_assert_eq(presence_last(data), INT64_MAX);
    presence_open(&presence, data);
    cr_assert_eq(presence_last(data), INT64_MAX);
    presence_close(&presence, 7);
    cr_assert_eq(presence_last(data), 7);
}

Test(presence, a_file_of_another_form_tells_nothing)
{
    struct presence presence;
    presence_open(&presence, data);
    presence_close(&presence, 1234567890);
    for (off_t at = 0; at < 41; at++) {
        presence_open(&presence, data);
        presence_close(&presence, 1234567890);
        damage(at, 'x', 41);
        cr_assert_eq(presence_last(data), INT64_MIN, "byte %d", (int)at);
    }
    presence_open(&presence, data);
    presence_close(&presence, 1234567890);
    damage(0, '0', 40); /* torn */
    cr_assert_eq(presence_last(data), INT64_MIN);
    damage(0, '0', 0);
    cr_assert_eq(presence_last(data), INT64_MIN);
}

Test(presence, a_folder_that_cannot_be_written_is_no_failure)
{
    struct presence presence;
    presence_open(&presence, "/nowhere/at/all");
    presence_beat(&presence, 1);
    presence_close(&presence, 2);
    cr_assert_eq(presence_last("/nowhere/at/all"), INT64_MIN);
}
