/* Tells systemd how we are (sd_notify(3)), without its library: one datagram to $NOTIFY_SOCKET. */
#ifndef SERVER_NOTIFY_H
#define SERVER_NOTIFY_H

/* state: e.g. "READY=1\nSTATUS=...". Nothing happens when nobody listens. */
void notify(const char *state);

#endif
