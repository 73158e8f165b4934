#include "nines/http_client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define REPLY_BYTES_MAX (UINT64_C(256) << 20)
#define CONNECT_SECONDS 5L
#define TOTAL_SECONDS   120L

struct transfer {
    struct http_reply *reply;
    bool too_large;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t length = size * count;
    if (transfer->reply->body.length + length > REPLY_BYTES_MAX) {
        transfer->too_large = true;
        return 0; /* ends the transfer */
    }
    text_buffer_append(&transfer->reply->body, bytes, length);
    return length;
}

static void set_method(CURL *curl, const struct http_call *call)
{
    if (call->body.bytes != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.bytes);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.length);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
}

static void set_options(CURL *curl, const char *url, struct transfer *transfer,
                        struct curl_slist *headers, char error[CURL_ERROR_SIZE])
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "nines/" NINES_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TOTAL_SECONDS);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)REPLY_BYTES_MAX);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
}

static void explain(CURLcode code, const char *base, const char *error, bool too_large,
                    char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    const char *detail = error[0] != '\0' ? error : curl_easy_strerror(code);
    const char *format = "%s: %s";
    if (too_large || code == CURLE_FILESIZE_EXCEEDED) {
        format = "%s answers with more than 256 MiB: ask for less";
    } else if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST) {
        format = "no daemon at %s; start ninesd, or say --url (%s)";
    } else if (code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) {
        format = "the answer of %s ended early: %s";
    } else if (code == CURLE_GOT_NOTHING) {
        format = "%s closed the connection without an answer: is it the HTTP address of ninesd?";
    } else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY ||
               code == CURLE_HTTP2) {
        format = "%s does not speak HTTP: is it the HTTP address of ninesd? (%s)";
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        format = "%s does not answer in time (%s)";
    } else if (code == CURLE_URL_MALFORMAT) {
        format = "--url %s: not a url; write http://HOST:PORT";
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(message_out, HTTP_CLIENT_MESSAGE_SIZE, format, base, detail);
#pragma GCC diagnostic pop
}

static void note_media(CURL *curl, struct http_reply *reply)
{
    const char *media = NULL;
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &media);
    size_t length = media == NULL ? 0 : strcspn(media, "; ");
    if (length >= sizeof(reply->media)) {
        length = 0;
    }
    memcpy(reply->media, media == NULL ? "" : media, length);
    reply->media[length] = '\0';
}

static enum status perform(CURL *curl, const struct http_call *call, const char *url,
                           struct http_reply *reply, char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct transfer transfer = {.reply = reply};
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    set_method(curl, call);
    set_options(curl, url, &transfer, headers, error);
    CURLcode code = curl_easy_perform(curl);
    enum status status = STATUS_OK;
    if (code == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
        note_media(curl, reply);
    } else {
        explain(code, call->base, error, transfer.too_large, message_out);
        status = STATUS_IO;
    }
    curl_slist_free_all(headers);
    return status;
}

enum status http_call(const struct http_call *call, struct http_reply *reply_out,
                      char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct text_buffer url;
    text_buffer_init(&url);
    text_buffer_string(&url, call->base);
    text_buffer_string(&url, call->path);
    struct http_reply reply = {0};
    text_buffer_init(&reply.body);
    text_buffer_string(&reply.body, ""); /* terminated, also when nothing comes */
    CURL *curl = curl_easy_init();
    enum status status = STATUS_NO_MEMORY;
    if (curl != NULL) {
        status = perform(curl, call, url.bytes, &reply, message_out);
        curl_easy_cleanup(curl);
    } else {
        snprintf(message_out, HTTP_CLIENT_MESSAGE_SIZE, "out of memory");
    }
    text_buffer_fini(&url);
    if (status == STATUS_OK) {
        *reply_out = reply;
    } else {
        text_buffer_fini(&reply.body);
    }
    return status;
}

void http_reply_fini(struct http_reply *reply)
{
    text_buffer_fini(&reply->body);
}

void http_encode(struct text_buffer *out, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr("-._~", *at) != NULL;
        if (plain) {
            text_buffer_char(out, (char)*at);
        } else {
            text_buffer_format(out, "%%%02X", *at);
        }
    }
}
