// A link between two network interfaces, with a bandwidth and a latency, in both directions.
//
//     relay left right 1000 1.0        // 1,000 Mbit/s, 1 ms
//
// Frames are taken from one interface, wait until the link has sent them and they have travelled, and leave by the other.
// Offloads stay on: each frame goes with the header that says which work on it is still to be done. The relay goes
// before all other processes, as a switch does its work beside them, and ends with its parent.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 10, MOST = (1 << 16) + 64 };

struct frame {
    double leaves; // seconds
    size_t count;
    unsigned char *bytes;
};

// One direction: a queue of frames that are under way.
struct direction {
    int from, to;
    double free_at; // when the link has sent all that it took
    struct frame frames[ROOM];
    size_t first, count;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void fail(const char *text) {
    perror(text);
    exit(1);
}

static int open_interface(const char *name) {
    int handle = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
    if (handle < 0) fail("socket");
    int on = 1;
    if (setsockopt(handle, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on)) fail("PACKET_VNET_HDR");
    if (setsockopt(handle, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on)) fail("PACKET_IGNORE_OUTGOING");
    int bytes = 16 << 20;
    setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    setsockopt(handle, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    address.sll_ifindex = (int)if_nametoindex(name);
    if (!address.sll_ifindex || bind(handle, (struct sockaddr *)&address, sizeof address)) fail(name);
    return handle;
}

// Takes the frames that have come, as long as there is room; those that find none wait in the socket.
static void take(struct direction *way, double rate, double latency) {
    while (way->count < ROOM) {
        struct frame *frame = &way->frames[(way->first + way->count) % ROOM];
        ssize_t count = recv(way->from, frame->bytes, MOST, 0);
        if (count <= (ssize_t)sizeof(struct virtio_net_hdr)) return;
        double time = now();
        if (way->free_at < time) way->free_at = time;
        way->free_at += (double)(count - (ssize_t)sizeof(struct virtio_net_hdr)) / rate;
        frame->leaves = way->free_at + latency;
        frame->count = (size_t)count;
        way->count++;
    }
}

static void send_due(struct direction *way) {
    double time = now();
    while (way->count && way->frames[way->first].leaves <= time) {
        struct frame *frame = &way->frames[way->first];
        if (send(way->to, frame->bytes, frame->count, 0) < 0 && (errno == EAGAIN || errno == ENOBUFS)) return;
        way->first = (way->first + 1) % ROOM;
        way->count--;
    }
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: relay INTERFACE INTERFACE MBIT_PER_SECOND MILLISECONDS\n");
        return 64;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const struct sched_param first = {.sched_priority = 10};
    if (sched_setscheduler(0, SCHED_FIFO, &first)) fail("SCHED_FIFO");
    double rate = atof(arguments[3]) * 1e6 / 8, latency = atof(arguments[4]) * 1e-3;
    int left = open_interface(arguments[1]), right = open_interface(arguments[2]);
    static struct direction ways[2];
    ways[0].from = ways[1].to = left;
    ways[1].from = ways[0].to = right;
    for (int way = 0; way < 2; way++) {
        for (size_t place = 0; place < ROOM; place++) {
            ways[way].frames[place].bytes = malloc(MOST);
            if (!ways[way].frames[place].bytes) fail("malloc");
        }
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        double next = -1;
        for (int way = 0; way < 2; way++) {
            take(&ways[way], rate, latency);
            send_due(&ways[way]);
            double leaves = ways[way].frames[ways[way].first].leaves;
            if (ways[way].count && (next < 0 || leaves < next)) next = leaves;
        }
        struct pollfd sockets[2] = {{.fd = left, .events = POLLIN}, {.fd = right, .events = POLLIN}};
        double wait = next < 0 ? 1 : next - now();
        if (wait < 0) wait = 0;
        struct timespec time = {.tv_sec = (time_t)wait, .tv_nsec = (long)(1e9 * (wait - (double)(time_t)wait))};
        // full queues leave frames in their socket, which would wake the poll at once
        if (ways[0].count == ROOM || ways[1].count == ROOM) nanosleep(&time, NULL);
        else ppoll(sockets, 2, &time, NULL);
    }
}
