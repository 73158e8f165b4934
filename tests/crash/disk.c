#include "crash/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "crash/story.h"

#define SECTOR      512
#define NAME_SIZE   64
#define NODES_MAX   4096
#define ENTRIES_MAX 64

enum change_kind { CHANGE_WRITE, CHANGE_TRUNCATE, CHANGE_ADD, CHANGE_REMOVE, CHANGE_MOVE };

struct change {
    enum change_kind kind;
    uint64_t offset; /* of a write; the new size */
    uint64_t length;
    const uint8_t *bytes;
    uint32_t node;
    uint64_t sequence; /* order of changes of names over all folders */
    char name[NAME_SIZE];
    char target[NAME_SIZE];
};

struct name_entry {
    char name[NAME_SIZE];
    uint32_t node;
};

struct names {
    struct name_entry entries[ENTRIES_MAX];
    uint32_t count;
};

struct content {
    uint8_t *bytes;
    uint64_t size;
    uint64_t room;
};

struct node {
    bool folder;
    uint64_t inode; /* 0: gone */
    struct content content;
    struct names *names;
    struct change *changes;
    size_t change_count;
    size_t change_room;
};

struct disk {
    struct node nodes[NODES_MAX]; /* 0: the root */
    uint32_t node_count;
    uint64_t sequence;
};

static _Noreturn void stop(const char *what, const char *path)
{
    fprintf(stderr, "crash disk: %s: %s: %s\n", what, path, strerror(errno));
    exit(EXIT_FAILURE);
}

static void *room_for(void *bytes, size_t size)
{
    void *larger = realloc(bytes, size);
    if (larger == NULL) {
        stop("memory", "realloc");
    }
    return larger;
}

/* The log */

static size_t file_read(const char *path, uint8_t **bytes_out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0) {
        stop("cannot open", path);
    }
    size_t size = (size_t)stat.st_size;
    uint8_t *bytes = room_for(NULL, size + 1);
    for (size_t at = 0; at < size;) {
        ssize_t got = read(fd, bytes + at, size - at);
        if (got <= 0) {
            stop("cannot read", path);
        }
        at += (size_t)got;
    }
    close(fd);
    *bytes_out = bytes;
    return size;
}

static void text_take(char out[128], const uint8_t *bytes, uint32_t length)
{
    assert(length < 128);
    memcpy(out, bytes, length);
    out[length] = '\0';
}

void crash_log_read(struct crash_log *log, const char *path)
{
    *log = (struct crash_log){0};
    size_t size = file_read(path, &log->bytes);
    size_t room = 0;
    for (size_t at = 0; at < size;) {
        if (log->count == room) {
            room = room * 2 + 256;
            log->entries = room_for(log->entries, room * sizeof(log->entries[0]));
        }
        struct log_entry *entry = &log->entries[log->count++];
        struct record *record = &entry->record;
        assert(size - at >= sizeof(*record));
        memcpy(record, log->bytes + at, sizeof(*record));
        assert(record->magic == RECORD_MAGIC);
        assert(record->kind < RECORD_KIND_COUNT);
        at += sizeof(*record);
        text_take(entry->path, log->bytes + at, record->path_length);
        at += record->path_length;
        text_take(entry->second, log->bytes + at, record->second_length);
        at += record->second_length;
        entry->payload = log->bytes + at;
        at += record->kind == RECORD_WRITE ? record->length : 0;
        assert(at <= size);
    }
}

void crash_log_fini(struct crash_log *log)
{
    free(log->bytes);
    free(log->entries);
}

/* Content of files */

static void content_resize(struct content *content, uint64_t size)
{
    if (size > content->room) {
        content->room = size * 2 + 4096;
        content->bytes = room_for(content->bytes, content->room);
    }
    if (size > content->size) {
        memset(content->bytes + content->size, 0, size - content->size);
    }
    content->size = size;
}

static void content_change(struct content *content, const struct change *change)
{
    if (change->kind == CHANGE_TRUNCATE) {
        content_resize(content, change->offset);
        return;
    }
    uint64_t end = change->offset + change->length;
    if (end > content->size) {
        content_resize(content, end);
    }
    memcpy(content->bytes + change->offset, change->bytes, change->length);
}

static uint64_t size_after(uint64_t size, const struct change *change)
{
    uint64_t end = change->offset + change->length;
    return change->kind == CHANGE_TRUNCATE || end > size ? end : size;
}

/* Names in folders */

static struct name_entry *names_find(struct names *names, const char *name)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (strcmp(names->entries[i].name, name) == 0) {
            return &names->entries[i];
        }
    }
    return NULL;
}

static void names_set(struct names *names, const char *name, uint32_t node)
{
    struct name_entry *entry = names_find(names, name);
    if (entry == NULL) {
        assert(names->count < ENTRIES_MAX);
        entry = &names->entries[names->count++];
        snprintf(entry->name, sizeof(entry->name), "%s", name);
    }
    entry->node = node;
}

static void names_unset(struct names *names, const char *name)
{
    struct name_entry *entry = names_find(names, name);
    if (entry != NULL) {
        *entry = names->entries[--names->count];
    }
}

static void names_change(struct names *names, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_ADD:
        names_set(names, change->name, change->node);
        break;
    case CHANGE_REMOVE:
        names_unset(names, change->name);
        break;
    case CHANGE_MOVE:
        names_unset(names, change->name);
        names_set(names, change->target, change->node);
        break;
    case CHANGE_WRITE:
    case CHANGE_TRUNCATE:
        unreachable("a folder has names only");
    }
}

/* Which changes reached the disk */

struct chooser {
    enum keep keep;
    uint64_t random;
    uint32_t of_16;      /* of 16 pieces so many are kept */
    size_t odd_one;      /* this one is not as the others; SIZE_MAX: none */
    size_t seen;         /* pieces so far */
    bool names_in_order; /* up to a point, as a journal does */
    uint64_t names_end;
    bool size_whole; /* a file's size may be there before its bytes are */
};

static bool name_chosen(struct chooser *chooser, const struct change *change)
{
    if (chooser->keep != KEEP_SOME) {
        return chooser->keep == KEEP_ALL;
    }
    return chooser->names_in_order ? change->sequence < chooser->names_end
                                   : random_next(&chooser->random) % 2 == 0;
}

static bool piece_chosen(struct chooser *chooser)
{
    if (chooser->keep != KEEP_SOME) {
        return chooser->keep == KEEP_ALL;
    }
    bool chosen = random_next(&chooser->random) % 16 < chooser->of_16;
    return chooser->seen++ == chooser->odd_one ? !chosen : chosen;
}

static size_t unflushed(const struct disk *disk, bool folders)
{
    size_t count = 0;
    for (uint32_t i = 0; i < disk->node_count; i++) {
        count += disk->nodes[i].folder == folders ? disk->nodes[i].change_count : 0;
    }
    return count;
}

size_t disk_unflushed_sectors(const struct disk *disk)
{
    return unflushed(disk, false);
}

size_t disk_unflushed_names(const struct disk *disk)
{
    return unflushed(disk, true);
}

static uint64_t sequence_oldest(const struct disk *disk)
{
    uint64_t oldest = disk->sequence;
    for (uint32_t i = 0; i < disk->node_count; i++) {
        const struct node *node = &disk->nodes[i];
        if (node->folder && node->change_count != 0 && node->changes[0].sequence < oldest) {
            oldest = node->changes[0].sequence;
        }
    }
    return oldest;
}

/* The subsets that tell most: few, half, nearly all, one alone, all but one. */
static struct chooser chooser_make(const struct disk *disk, enum keep keep, uint64_t seed)
{
    static const uint32_t shares[] = {2, 8, 14, 0, 16};
    struct chooser chooser = {.keep = keep, .random = seed, .odd_one = SIZE_MAX};
    uint32_t style = (uint32_t)(random_next(&chooser.random) % 5);
    size_t pieces = disk_unflushed_sectors(disk);
    uint64_t oldest = sequence_oldest(disk);
    chooser.of_16 = shares[style];
    if (style >= 3 && pieces != 0) {
        chooser.odd_one = random_next(&chooser.random) % pieces;
    }
    chooser.names_in_order = random_next(&chooser.random) % 2 == 0;
    chooser.names_end = oldest + random_next(&chooser.random) % (disk->sequence - oldest + 1);
    chooser.size_whole = random_next(&chooser.random) % 2 == 0;
    return chooser;
}

static const struct chooser everything = {.keep = KEEP_ALL};

static struct names *names_chosen(const struct node *node, struct chooser *chooser)
{
    struct names *names = room_for(NULL, sizeof(*names));
    *names = *node->names;
    for (size_t i = 0; i < node->change_count; i++) {
        if (name_chosen(chooser, &node->changes[i])) {
            names_change(names, &node->changes[i]);
        }
    }
    return names;
}

/* Replaying */

struct disk *disk_new(void)
{
    struct disk *disk = calloc(1, sizeof(*disk));
    if (disk == NULL) {
        stop("memory", "disk");
    }
    return disk;
}

void disk_free(struct disk *disk)
{
    for (uint32_t i = 0; i < disk->node_count; i++) {
        free(disk->nodes[i].content.bytes);
        free(disk->nodes[i].names);
        free(disk->nodes[i].changes);
    }
    free(disk);
}

static struct node *node_add(struct disk *disk, uint64_t inode, bool folder)
{
    assert(disk->node_count < NODES_MAX);
    for (uint32_t i = 0; i < disk->node_count; i++) {
        if (disk->nodes[i].inode == inode) {
            disk->nodes[i].inode = 0; /* the number of a removed file is used again */
        }
    }
    struct node *node = &disk->nodes[disk->node_count++];
    *node = (struct node){.folder = folder, .inode = inode};
    if (folder) {
        node->names = calloc(1, sizeof(*node->names));
    }
    return node;
}

static uint32_t node_index(const struct disk *disk, const struct node *node)
{
    return (uint32_t)(node - disk->nodes);
}

static struct node *node_of(struct disk *disk, uint64_t inode)
{
    for (uint32_t i = 0; i < disk->node_count; i++) {
        if (disk->nodes[i].inode == inode) {
            return &disk->nodes[i];
        }
    }
    return NULL; /* outside the root */
}

/* As a program sees it. NODES_MAX: there is none. */
static uint32_t child_find(const struct node *folder, const char *name)
{
    struct chooser chooser = everything;
    struct names *names = names_chosen(folder, &chooser);
    const struct name_entry *entry = names_find(names, name);
    uint32_t node = entry == NULL ? NODES_MAX : entry->node;
    free(names);
    return node;
}

/* The folder that the path's last name is in. */
static struct node *parent_of(const struct disk *disk, const char *path, const char **name_out)
{
    uint32_t node = 0;
    for (const char *slash; (slash = strchr(path, '/')) != NULL; path = slash + 1) {
        char part[NAME_SIZE];
        snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        node = child_find(&disk->nodes[node], part);
        assert(node != NODES_MAX);
    }
    *name_out = path;
    union {
        const struct node *in;
        struct node *out;
    } found = {&disk->nodes[node]};
    return found.out;
}

static struct change *change_add(struct node *node)
{
    if (node->change_count == node->change_room) {
        node->change_room = node->change_room * 2 + 16;
        node->changes = room_for(node->changes, node->change_room * sizeof(node->changes[0]));
    }
    struct change *change = &node->changes[node->change_count++];
    *change = (struct change){0};
    return change;
}

static void name_changed(struct disk *disk, enum change_kind kind, const char *path, uint32_t node,
                         const char *target)
{
    const char *name = NULL;
    struct node *folder = parent_of(disk, path, &name);
    struct change *change = change_add(folder);
    change->kind = kind;
    change->node = node;
    change->sequence = disk->sequence++;
    snprintf(change->name, sizeof(change->name), "%s", name);
    snprintf(change->target, sizeof(change->target), "%s", target);
}

static void moved(struct disk *disk, const char *from, const char *to)
{
    const char *name = NULL;
    const char *target = NULL;
    const struct node *folder = parent_of(disk, from, &name);
    const struct node *folder_to = parent_of(disk, to, &target);
    assert(folder == folder_to); /* one change, one flush: nines moves nothing between folders */
    name_changed(disk, CHANGE_MOVE, from, child_find(folder, name), target);
}

static void written(struct node *node, const struct record *record, const uint8_t *payload)
{
    for (uint64_t done = 0; done < record->length;) {
        uint64_t offset = record->offset + done;
        uint64_t length = SECTOR - offset % SECTOR;
        length = length < record->length - done ? length : record->length - done;
        struct change *change = change_add(node);
        change->kind = CHANGE_WRITE;
        change->offset = offset;
        change->length = length;
        change->bytes = payload + done;
        done += length;
    }
}

/* Changes in the range go to the disk, in order; a change of size goes with whatever follows it. */
static void flush_range(struct node *node, uint64_t begin, uint64_t end)
{
    size_t kept = 0;
    for (size_t i = 0; i < node->change_count; i++) {
        const struct change *change = &node->changes[i];
        bool inside = change->kind == CHANGE_TRUNCATE ||
                      (change->offset < end && change->offset + change->length > begin);
        if (inside) {
            content_change(&node->content, change);
        } else {
            node->changes[kept++] = *change;
        }
    }
    node->change_count = kept;
}

static void flush(struct node *node)
{
    if (!node->folder) {
        flush_range(node, 0, UINT64_MAX);
        return;
    }
    for (size_t i = 0; i < node->change_count; i++) {
        names_change(node->names, &node->changes[i]);
    }
    node->change_count = 0;
}

static void apply_to_node(struct disk *disk, const struct log_entry *entry)
{
    const struct record *record = &entry->record;
    struct node *node = node_of(disk, record->inode);
    if (node == NULL) {
        return;
    }
    if (record->kind == RECORD_WRITE) {
        written(node, record, entry->payload);
    } else if (record->kind == RECORD_RANGE_SYNC) {
        flush_range(node, record->offset, record->offset + record->length);
    } else if (record->kind == RECORD_SYNC) {
        flush(node);
    } else {
        struct change *change = change_add(node);
        change->kind = CHANGE_TRUNCATE;
        change->offset = record->offset;
    }
}

void disk_apply(struct disk *disk, const struct log_entry *entry)
{
    const struct record *record = &entry->record;
    struct node *node = NULL;
    switch ((enum record_kind)record->kind) {
    case RECORD_LIFE:
        if (disk->node_count == 0) {
            node_add(disk, record->inode, true);
        }
        break;
    case RECORD_CREATE:
    case RECORD_MKDIR:
        node = node_add(disk, record->inode, record->kind == RECORD_MKDIR);
        name_changed(disk, CHANGE_ADD, entry->path, node_index(disk, node), "");
        break;
    case RECORD_RENAME:
        moved(disk, entry->path, entry->second);
        break;
    case RECORD_UNLINK:
        name_changed(disk, CHANGE_REMOVE, entry->path, 0, "");
        break;
    case RECORD_WRITE:
    case RECORD_RANGE_SYNC:
    case RECORD_TRUNCATE:
    case RECORD_SYNC:
        apply_to_node(disk, entry);
        break;
    case RECORD_MARK:
    case RECORD_KIND_COUNT:
        break;
    }
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t tail = strlen(suffix);
    return length >= tail && strcmp(name + length - tail, suffix) == 0;
}

bool disk_folder_changing(const struct disk *disk, const char *folder, const char *suffix)
{
    const char *name = NULL;
    const struct node *parent = parent_of(disk, folder, &name);
    uint32_t index = child_find(parent, name);
    if (index == NODES_MAX) {
        return false;
    }
    const struct node *node = &disk->nodes[index];
    struct chooser chooser = everything;
    struct names *names = names_chosen(node, &chooser);
    bool changing = node->change_count != 0;
    for (uint32_t i = 0; i < names->count; i++) {
        changing |= ends_with(names->entries[i].name, suffix);
    }
    free(names);
    return changing;
}

/* Making a state */

static void bytes_write(int fd, const uint8_t *bytes, uint64_t length, uint64_t offset,
                        const char *path)
{
    for (uint64_t done = 0; done < length;) {
        ssize_t count = pwrite(fd, bytes + done, length - done, (off_t)(offset + done));
        if (count <= 0) {
            stop("cannot write", path);
        }
        done += (uint64_t)count;
    }
}

static void change_write(int fd, const struct change *change, const char *path)
{
    if (change->kind == CHANGE_WRITE) {
        bytes_write(fd, change->bytes, change->length, change->offset, path);
    } else if (ftruncate(fd, (off_t)change->offset) != 0) {
        stop("cannot cut", path);
    }
}

/* Straight from the model into the file: a copy in memory would cost more than all else, as each fork
 * makes the pages of a process fault again. */
static void file_write(const struct node *node, const char *path, struct chooser *chooser)
{
    uint64_t size_there = node->content.size;
    uint64_t size_now = size_there;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        stop("cannot create", path);
    }
    bytes_write(fd, node->content.bytes, size_there, 0, path);
    for (size_t i = 0; i < node->change_count; i++) {
        const struct change *change = &node->changes[i];
        size_now = size_after(size_now, change);
        if (piece_chosen(chooser)) {
            size_there = size_after(size_there, change);
            change_write(fd, change, path);
        }
    }
    if (chooser->size_whole && size_now > size_there && ftruncate(fd, (off_t)size_now) != 0) {
        stop("cannot lengthen", path);
    }
    close(fd);
}

static void node_write(const struct disk *disk, uint32_t index, const char *path,
                       struct chooser *chooser)
{
    const struct node *node = &disk->nodes[index];
    if (!node->folder) {
        file_write(node, path, chooser);
        return;
    }
    struct names *names = names_chosen(node, chooser);
    if (index != 0 && mkdir(path, 0700) != 0) {
        stop("cannot create", path);
    }
    for (uint32_t i = 0; i < names->count; i++) {
        char child[4096];
        snprintf(child, sizeof(child), "%s/%s", path, names->entries[i].name);
        node_write(disk, names->entries[i].node, child, chooser);
    }
    free(names);
}

void disk_write(const struct disk *disk, const char *folder, enum keep keep, uint64_t seed)
{
    struct chooser chooser = chooser_make(disk, keep, seed);
    if (disk->node_count != 0) {
        node_write(disk, 0, folder, &chooser);
    }
}

/* Is the model what the program did? */

static uint32_t entries_count(const char *path)
{
    DIR *stream = opendir(path);
    uint32_t count = 0;
    if (stream == NULL) {
        return UINT32_MAX;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(stream);
    return count;
}

static bool file_same(const struct node *node, const char *path)
{
    uint8_t *bytes = NULL;
    struct content content = {0};
    content_resize(&content, node->content.size);
    if (content.size != 0) {
        memcpy(content.bytes, node->content.bytes, content.size);
    }
    for (size_t i = 0; i < node->change_count; i++) {
        content_change(&content, &node->changes[i]);
    }
    size_t size = file_read(path, &bytes);
    bool same = size == content.size && (size == 0 || memcmp(bytes, content.bytes, size) == 0);
    free(bytes);
    free(content.bytes);
    return same;
}

static bool node_same(const struct disk *disk, uint32_t index, const char *path, const char *but,
                      const char **name_out)
{
    struct chooser chooser = everything;
    const struct node *node = &disk->nodes[index];
    bool same = true;
    if (node->folder) {
        struct names *names = names_chosen(node, &chooser);
        same = entries_count(path) == names->count;
        for (uint32_t i = 0; same && i < names->count; i++) {
            char child[4096];
            snprintf(child, sizeof(child), "%s/%s", path, names->entries[i].name);
            *name_out = disk->nodes[names->entries[i].node].folder ? "a folder" : "a file";
            same = strcmp(names->entries[i].name, but) == 0 ||
                   (access(child, F_OK) == 0 &&
                    node_same(disk, names->entries[i].node, child, but, name_out));
        }
        free(names);
        return same;
    }
    return file_same(node, path);
}

const char *disk_difference(const struct disk *disk, const char *folder, const char *but)
{
    const char *name = "the root";
    return node_same(disk, 0, folder, but, &name) ? NULL : name;
}
