#include "nines/log_source.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define INPUT_BYTES (256 * 1024)
#define MAGIC_BYTES 4

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct log_source {
    int fd;
    bool is_regular; /* always readable */
    bool ended;      /* the file, not what was unpacked of it */
    enum packing packing;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool within; /* a compressed frame has begun and not ended */
    const char *message;
    size_t at;
    size_t filled;
    unsigned char input[INPUT_BYTES];
};

enum status log_source_open(struct log_source **source_out, int fd)
{
    struct log_source *source = calloc(1, sizeof(*source));
    if (source == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct stat about;
    source->fd = fd;
    source->is_regular = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    *source_out = source;
    return STATUS_OK;
}

void log_source_close(struct log_source *source)
{
    if (source->packing == PACKING_GZIP) {
        inflateEnd(&source->gzip);
    }
    ZSTD_freeDStream(source->zstd);
    free(source);
}

const char *log_source_message(const struct log_source *source)
{
    return source->message;
}

int log_source_fd(const struct log_source *source)
{
    return source->fd;
}

static enum source_result fail(struct log_source *source, const char *message)
{
    source->message = message;
    return SOURCE_FAILED;
}

static bool has_something(const struct log_source *source)
{
    struct pollfd poll_fd = {.fd = source->fd, .events = POLLIN};
    return source->is_regular || poll(&poll_fd, 1, 0) != 0;
}

/* More input behind what is there. SOURCE_BYTES: something came, or the end was noted. */
static enum source_result fill(struct log_source *source, bool may_wait)
{
    if (!may_wait && !has_something(source)) {
        return SOURCE_WAIT;
    }
    memmove(source->input, source->input + source->at, source->filled - source->at);
    source->filled -= source->at;
    source->at = 0;
    ssize_t got;
    do {
        got = read(source->fd, source->input + source->filled, INPUT_BYTES - source->filled);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return fail(source, strerror(errno));
    }
    source->ended = got == 0;
    source->filled += (size_t)got;
    return SOURCE_BYTES;
}

static enum source_result begin_gzip(struct log_source *source)
{
    source->packing = PACKING_GZIP;
    source->within = true;
    /* 16: a gzip header, not a zlib one. */
    return inflateInit2(&source->gzip, 15 + 16) == Z_OK ? SOURCE_BYTES
                                                        : fail(source, "out of memory");
}

static enum source_result begin_zstd(struct log_source *source)
{
    source->packing = PACKING_ZSTD;
    source->within = true;
    source->zstd = ZSTD_createDStream();
    return source->zstd != NULL ? SOURCE_BYTES : fail(source, "out of memory");
}

static enum source_result find_packing(struct log_source *source, bool may_wait)
{
    static const unsigned char zstd_magic[MAGIC_BYTES] = {0x28, 0xB5, 0x2F, 0xFD};
    while (source->filled < MAGIC_BYTES && !source->ended) {
        enum source_result result = fill(source, may_wait);
        if (result != SOURCE_BYTES) {
            return result;
        }
    }
    const unsigned char *bytes = source->input;
    if (source->filled >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B) {
        return begin_gzip(source);
    }
    if (source->filled >= MAGIC_BYTES && memcmp(bytes, zstd_magic, MAGIC_BYTES) == 0) {
        return begin_zstd(source);
    }
    source->packing = PACKING_NONE;
    return SOURCE_BYTES;
}

static enum source_result take_plain(struct log_source *source, char *bytes, size_t size,
                                     size_t *length_out)
{
    size_t left = source->filled - source->at;
    size_t length = left < size ? left : size;
    memcpy(bytes, source->input + source->at, length);
    source->at += length;
    *length_out = length;
    return SOURCE_BYTES;
}

/* A file may hold several members, one after the other. */
static enum source_result take_gzip(struct log_source *source, char *bytes, size_t size,
                                    size_t *length_out)
{
    z_stream *stream = &source->gzip;
    if (!source->within) {
        source->within = true;
        (void)inflateReset(stream);
    }
    stream->next_in = source->input + source->at;
    stream->avail_in = (uInt)(source->filled - source->at);
    stream->next_out = (unsigned char *)bytes;
    stream->avail_out = (uInt)size;
    int result = inflate(stream, Z_NO_FLUSH);
    source->at = source->filled - stream->avail_in;
    *length_out = size - stream->avail_out;
    if (result == Z_STREAM_END) {
        source->within = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return fail(source, "damaged gzip data");
    }
    return SOURCE_BYTES;
}

static enum source_result take_zstd(struct log_source *source, char *bytes, size_t size,
                                    size_t *length_out)
{
    ZSTD_inBuffer input = {source->input, source->filled, source->at};
    ZSTD_outBuffer output = {bytes, size, 0};
    size_t result = ZSTD_decompressStream(source->zstd, &output, &input);
    if (ZSTD_isError(result)) {
        return fail(source, "damaged zstd data");
    }
    source->at = input.pos;
    source->within = result != 0;
    *length_out = output.pos;
    return SOURCE_BYTES;
}

static enum source_result take(struct log_source *source, char *bytes, size_t size,
                               size_t *length_out)
{
    switch (source->packing) {
    case PACKING_GZIP:
        return take_gzip(source, bytes, size, length_out);
    case PACKING_ZSTD:
        return take_zstd(source, bytes, size, length_out);
    default:
        return take_plain(source, bytes, size, length_out);
    }
}

enum source_result log_source_read(struct log_source *source, bool may_wait, char *bytes,
                                   size_t size, size_t *length_out)
{
    if (source->packing == PACKING_UNKNOWN) {
        enum source_result result = find_packing(source, may_wait);
        if (result != SOURCE_BYTES) {
            return result;
        }
    }
    for (;;) {
        /* Also without input: an unpacker may still hold output that found no room last time. */
        bool idle =
            source->at == source->filled && (source->packing == PACKING_NONE || !source->within);
        *length_out = 0;
        enum source_result result = idle ? SOURCE_BYTES : take(source, bytes, size, length_out);
        if (result != SOURCE_BYTES || *length_out > 0) {
            return result;
        }
        if (source->at < source->filled) {
            continue;
        }
        if (source->ended) {
            return source->within ? fail(source, "ends within compressed data") : SOURCE_END;
        }
        result = fill(source, may_wait);
        if (result != SOURCE_BYTES) {
            return result;
        }
    }
}
