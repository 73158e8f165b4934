#include "nines/endpoint.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "nines/command.h"
#include "nines/json_view.h"
#include "nines/terminal.h"

static json_t *load_endpoints(const char *data)
{
    char path[4096];
    json_error_t error;
    int length = snprintf(path, sizeof(path), "%s/endpoints.json", data);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        terminal_complain("--data: the path is too long");
        return NULL;
    }
    json_t *endpoints = json_load_file(path, 0, &error);
    if (endpoints == NULL) {
        terminal_complain(
            "no daemon in %s: cannot read its endpoints.json (%s); start ninesd --data %s", data,
            error.text, data);
    }
    return endpoints;
}

static bool copy_url(const char *data, const char *url, char url_out[ENDPOINT_URL_SIZE])
{
    if (url == NULL || url[0] == '\0' || strlen(url) >= ENDPOINT_URL_SIZE) {
        terminal_complain("%s/endpoints.json names no such address", data);
        return false;
    }
    memcpy(url_out, url, strlen(url) + 1);
    return true;
}

static void cut_slashes(char *url)
{
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/') {
        url[--length] = '\0';
    }
}

int endpoint_base(const struct endpoint_options *options, char url_out[ENDPOINT_URL_SIZE])
{
    if (options->url != NULL && options->data != NULL) {
        terminal_complain("--url and --data exclude each other");
        return EXIT_USAGE;
    }
    const char *url = options->url != NULL ? options->url : ENDPOINT_HTTP;
    if (strlen(url) >= ENDPOINT_URL_SIZE) {
        terminal_complain("--url: too long");
        return EXIT_USAGE;
    }
    bool found = true;
    if (options->data == NULL) {
        memcpy(url_out, url, strlen(url) + 1);
    } else {
        json_t *endpoints = load_endpoints(options->data);
        url = json_text_at(endpoints, "http");
        found = endpoints != NULL && copy_url(options->data, url, url_out);
        json_decref(endpoints);
    }
    if (found) {
        cut_slashes(url_out);
    }
    return found ? EXIT_OK : EXIT_FAILED;
}

static const char *first_with(const json_t *urls, const char *scheme)
{
    size_t index;
    json_t *url;
    json_array_foreach(urls, index, url)
    {
        const char *text = json_string_value(url);
        if (text != NULL && strncmp(text, scheme, strlen(scheme)) == 0) {
            return text;
        }
    }
    return NULL;
}

int endpoint_ingest(const char *data, char url_out[ENDPOINT_URL_SIZE])
{
    if (data == NULL) {
        memcpy(url_out, ENDPOINT_INGEST, sizeof(ENDPOINT_INGEST));
        return EXIT_OK;
    }
    json_t *endpoints = load_endpoints(data);
    if (endpoints == NULL) {
        return EXIT_FAILED;
    }
    const json_t *urls = json_at(endpoints, "ingest");
    const char *url = first_with(urls, "tcp://");
    bool found = copy_url(data, url != NULL ? url : first_with(urls, "unix://"), url_out);
    json_decref(endpoints);
    return found ? EXIT_OK : EXIT_FAILED;
}
