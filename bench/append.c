/* bench-append --dir DIR [--like DATA] [--bytes N] [--value N] [--commits N]: how fast a bare LMDB
 * takes the same values in the same number of commits, each on disk before the next: what no store
 * on LMDB can exceed here. MDB_APPEND | MDB_RESERVE, default flags (every commit is flushed), one
 * environment, no checksums.
 *
 * --like: the shape (bytes, values, commits) is read from the data directory of an engine that has
 * stopped.
 */
#include <dirent.h>
#include <lmdb.h>
#include <sys/stat.h>

#include "measure.h"

struct shape {
    uint64_t bytes; /* of all values */
    uint64_t values;
    uint64_t commits;
};

static void check(int code, const char *what)
{
    if (code != MDB_SUCCESS) {
        give_up(what, mdb_strerror(code));
    }
}

static void add_segment(const char *path, struct shape *shape)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi log;
    MDB_cursor *cursor;
    MDB_envinfo info;
    check(mdb_env_create(&env), "mdb_env_create");
    check(mdb_env_set_maxdbs(env, 16), "mdb_env_set_maxdbs");
    check(mdb_env_open(env, path, MDB_RDONLY | MDB_NOLOCK, 0), path);
    check(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "mdb_txn_begin");
    check(mdb_dbi_open(txn, "log", MDB_INTEGERKEY, &log), "mdb_dbi_open log");
    check(mdb_cursor_open(txn, log, &cursor), "mdb_cursor_open");
    MDB_val key;
    MDB_val value;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        shape->bytes += value.mv_size;
        shape->values++;
    }
    check(mdb_env_info(env, &info), "mdb_env_info");
    shape->commits += info.me_last_txnid;
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

static struct shape read_shape(const char *data)
{
    struct shape shape = {0};
    char path[4096];
    snprintf(path, sizeof(path), "%s/segments", data);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        give_up(path, strerror(errno));
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
            strchr(entry->d_name, '.') == NULL) {
            snprintf(path, sizeof(path), "%s/segments/%.64s", data, entry->d_name);
            add_segment(path, &shape);
        }
    }
    closedir(folder);
    if (shape.values == 0) {
        give_up(data, "no values there");
    }
    return shape;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void put_values(MDB_txn *txn, MDB_dbi log, const char *bytes, size_t size, uint64_t from,
                       uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        MDB_val key = {sizeof(i), &i};
        MDB_val value = {size, NULL};
        check(mdb_put(txn, log, &key, &value, MDB_APPEND | MDB_RESERVE), "mdb_put");
        memcpy(value.mv_data, bytes, size);
    }
}

int main(int argc, char **argv)
{
    const char *dir = option_text(argc, argv, "--dir");
    const char *like = option_text(argc, argv, "--like");
    if (dir == NULL || (mkdir(dir, 0700) != 0 && errno != EEXIST)) {
        give_up("--dir", dir == NULL ? "which?" : strerror(errno));
    }
    uint64_t value_bytes = option_number(argc, argv, "--value", 64 + 8192 * 64);
    struct shape shape = {.bytes = option_number(argc, argv, "--bytes", UINT64_C(512) << 20)};
    shape.values = shape.bytes / value_bytes;
    shape.commits = option_number(argc, argv, "--commits", shape.values);
    if (like != NULL) {
        shape = read_shape(like);
    }
    size_t size = (size_t)(shape.bytes / shape.values);
    shape.commits = shape.commits < shape.values ? shape.commits : shape.values;
    char *bytes = memory(size);
    double *durations = memory(shape.commits * sizeof(*durations));

    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi log;
    check(mdb_env_create(&env), "mdb_env_create");
    check(mdb_env_set_maxdbs(env, 16), "mdb_env_set_maxdbs");
    check(mdb_env_set_mapsize(env, (shape.bytes + shape.values * 8192) / 4096 * 4096 + (64 << 20)),
          "mdb_env_set_mapsize");
    check(mdb_env_open(env, dir, 0, 0600), dir);
    check(mdb_txn_begin(env, NULL, 0, &txn), "mdb_txn_begin");
    check(mdb_dbi_open(txn, "log", MDB_CREATE | MDB_INTEGERKEY, &log), "mdb_dbi_open");
    check(mdb_txn_commit(txn), "mdb_txn_commit");
    double start = seconds_now();
    for (uint64_t i = 0; i < shape.commits; i++) {
        double began = seconds_now();
        check(mdb_txn_begin(env, NULL, 0, &txn), "mdb_txn_begin");
        put_values(txn, log, bytes, size, shape.values * i / shape.commits,
                   shape.values * (i + 1) / shape.commits);
        check(mdb_txn_commit(txn), "mdb_txn_commit");
        durations[i] = seconds_now() - began;
    }
    double seconds = seconds_now() - start;
    mdb_env_close(env);
    qsort(durations, shape.commits, sizeof(*durations), compare_doubles);
    printf("{\"bytes\":%llu,\"values\":%llu,\"commits\":%llu,\"seconds\":%.6f,"
           "\"bytes_per_second\":%.0f,\"commit_ms_p50\":%.3f,\"commit_ms_p99\":%.3f}\n",
           (unsigned long long)(size * shape.values), (unsigned long long)shape.values,
           (unsigned long long)shape.commits, seconds, (double)(size * shape.values) / seconds,
           durations[shape.commits / 2] * 1e3, durations[shape.commits * 99 / 100] * 1e3);
    free(durations);
    free(bytes);
    return 0;
}
