/* Rows beside the log: what was written is read, room is used again, and damage is noticed. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/row_file.h"

#define RUN_BYTES 700

struct opened {
    char data[64];
    struct row_folder folder;
    struct row_store store;
};

static void begin(struct opened *opened)
{
    char message[STORE_MESSAGE_SIZE] = "";
    strcpy(opened->data, "/tmp/nines-rows-XXXXXX");
    cr_assert_not_null(mkdtemp(opened->data));
    cr_assert_eq(row_folder_make(&opened->folder, opened->data, message), STATUS_OK, "%s", message);
    struct row_store_source source = row_file_source(&opened->folder, 1000);
    cr_assert_eq(source.memory_max, 1000);
    cr_assert_eq(source.open(source.context, &opened->store), STATUS_OK);
}

static void end(struct opened *opened)
{
    opened->store.close(opened->store.context);
    cr_assert_eq(rmdir(opened->folder.path), 0, "nothing is left in it");
    cr_assert_eq(rmdir(opened->data), 0);
}

/* The file has no name: found among what this process has open. */
static int file_of(const struct opened *opened)
{
    DIR *open_files = opendir("/proc/self/fd");
    int fd = -1;
    const struct dirent *entry;
    while ((entry = readdir(open_files)) != NULL) {
        char link[300];
        char target[400] = "";
        snprintf(link, sizeof(link), "/proc/self/fd/%s", entry->d_name);
        if (readlink(link, target, sizeof(target) - 1) > 0 &&
            strncmp(target, opened->folder.path, strlen(opened->folder.path)) == 0) {
            fd = atoi(entry->d_name);
        }
    }
    closedir(open_files);
    cr_assert_geq(fd, 0);
    return fd;
}

static off_t size_of(const struct opened *opened)
{
    struct stat stat;
    cr_assert_eq(fstat(file_of(opened), &stat), 0);
    return stat.st_size;
}

static uint64_t put(struct opened *opened, enum row_life life, uint32_t number)
{
    uint8_t bytes[RUN_BYTES];
    uint64_t place = 0;
    memset(bytes, (int)(number * 7), sizeof(bytes));
    cr_assert_eq(opened->store.write(opened->store.context, life, bytes, sizeof(bytes), &place),
                 STATUS_OK);
    return place;
}

static void expect_run(const struct opened *opened, uint64_t place, uint32_t number)
{
    uint8_t bytes[RUN_BYTES];
    uint8_t expected[RUN_BYTES];
    memset(expected, (int)(number * 7), sizeof(expected));
    opened->store.expect(opened->store.context, place, sizeof(bytes));
    cr_assert_eq(opened->store.read(opened->store.context, place, bytes, sizeof(bytes)), STATUS_OK);
    cr_assert_arr_eq(bytes, expected, sizeof(bytes));
}

Test(row_file, what_was_written_is_read)
{
    struct opened opened;
    begin(&opened);
    static uint64_t places[5000];
    for (uint32_t i = 0; i < 5000; i++) {
        places[i] = put(&opened, (enum row_life)(i % ROW_LIFE_COUNT), i);
    }
    for (uint32_t i = 5000; i-- > 0;) {
        expect_run(&opened, places[i], i);
    }
    end(&opened);
}

Test(row_file, room_of_what_was_forgotten_is_used_again)
{
    struct opened opened;
    begin(&opened);
    static uint64_t places[3000];
    for (uint32_t i = 0; i < 60000; i++) {
        if (i >= 3000) {
            expect_run(&opened, places[i % 3000], i - 3000);
            opened.store.forget(opened.store.context, places[i % 3000], RUN_BYTES);
        }
        places[i % 3000] = put(&opened, ROW_LIFE_WINDOW, i);
    }
    cr_assert_leq(size_of(&opened), 5 << 20, "2.1 MB are alive, and %ld bytes in the file",
                  (long)size_of(&opened));
    end(&opened);
}

Test(row_file, a_changed_byte_is_damage)
{
    struct opened opened;
    begin(&opened);
    uint64_t place = put(&opened, ROW_LIFE_EVER, 1);
    uint8_t bytes[RUN_BYTES];
    cr_assert_eq(pwrite(file_of(&opened), "x", 1, (off_t)place + 100), 1);
    cr_assert_eq(opened.store.read(opened.store.context, place, bytes, sizeof(bytes)),
                 STATUS_DAMAGED);
    cr_assert_eq(ftruncate(file_of(&opened), 10), 0);
    cr_assert_eq(opened.store.read(opened.store.context, place, bytes, sizeof(bytes)),
                 STATUS_DAMAGED);
    end(&opened);
}

Test(row_file, without_a_folder_there_is_no_store)
{
    struct row_folder folder;
    char message[STORE_MESSAGE_SIZE] = "";
    cr_assert_neq(row_folder_make(&folder, "/proc/none", message), STATUS_OK);
    cr_assert_neq(message[0], '\0');
}
