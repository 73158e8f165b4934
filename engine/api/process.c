#include "api/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static bool read_file(const char *path, char *bytes, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, bytes, size - 1);
    if (fd >= 0) {
        close(fd);
    }
    bytes[length < 0 ? 0 : length] = '\0';
    return length > 0;
}

/* The numbers of /proc/self/stat behind the command, whose name may hold anything: from the third
 * field on. Source: proc(5). */
static uint64_t stat_field(const char *stat, uint32_t field)
{
    const char *at = strrchr(stat, ')');
    for (uint32_t i = 2; at != NULL && i < field; i++) {
        at = strchr(at + 1, ' ');
    }
    return at == NULL ? 0 : strtoull(at, NULL, 10);
}

/* Seconds since the epoch at which the machine started. */
static double booted_s(void)
{
    struct timespec real;
    struct timespec boot;
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_BOOTTIME, &boot);
    return (double)(real.tv_sec - boot.tv_sec) + (double)(real.tv_nsec - boot.tv_nsec) / 1e9;
}

static uint64_t count_fds(void)
{
    DIR *directory = opendir("/proc/self/fd");
    uint64_t count = 0;
    if (directory == NULL) {
        return 0;
    }
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        count += entry->d_name[0] != '.' ? 1 : 0;
    }
    closedir(directory);
    return count > 0 ? count - 1 : 0; /* the directory's own */
}

void process_read(struct process_figures *figures_out)
{
    *figures_out = (struct process_figures){0};
    char stat[1024];
    double ticks = (double)sysconf(_SC_CLK_TCK);
    if (read_file("/proc/self/stat", stat, sizeof(stat))) {
        figures_out->cpu_s = (double)(stat_field(stat, 14) + stat_field(stat, 15)) / ticks;
        figures_out->threads = stat_field(stat, 20);
        figures_out->started_s = booted_s() + (double)stat_field(stat, 22) / ticks;
        figures_out->virtual_bytes = stat_field(stat, 23);
        figures_out->resident_bytes = stat_field(stat, 24) * (uint64_t)sysconf(_SC_PAGESIZE);
    }
    figures_out->open_fds = count_fds();
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        figures_out->max_fds = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
    }
}
