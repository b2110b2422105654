/* The load where there is a C compiler and epoll: the protocol of load/main.ts for a fraction of its time. See load/protocol.ts for the words. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 14, MASK_SIZE = 4, DIGITS = 4, READ_SIZE = 256 * 1024, EVENTS = 1024, AT_ONCE = 64, PATTERN = 64, SIZE = 64 };
enum { MOST_SAMPLES = 1 << 21, HEAD_SIZE = 4096 };

typedef struct {
  int fd;
  int number;    /* a room's sender, as far as its digits have come */
  int is_open;   /* a handshake: the 101 has come */
  long position; /* bytes read so far */
  long sent_at;  /* ns */
} Peer;

/* How a server's own protocol wraps a text; plain is none. */
typedef struct {
  const char *name, *path, *before, *after;
  int greets; /* Socket.IO's two packets before the first message */
} Dialect;

static const Dialect DIALECTS[] = {
    {"plain", "/bench/one", "", "", 0},
    {"nest", "/bench/one", "{\"event\":\"text\",\"data\":\"", "\"}", 0},
    {"socket.io", "/socket.io/?EIO=4&transport=websocket", "42[\"text\",\"", "\"]", 1},
};

static unsigned char chunk[READ_SIZE];
static const unsigned char MASK[MASK_SIZE] = {0x4a, 0x91, 0xc3, 0x07};

static void fail(const char *why) {
  fprintf(stderr, "load: %s\n", why);
  exit(1);
}

static void *memory(size_t size) {
  void *bytes = calloc(1, size);
  if (bytes == NULL) fail("out of memory");
  return bytes;
}

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static long least(long a, long b) { return a < b ? a : b; }

/* ---- frames ---- */

typedef struct {
  unsigned char *bytes;
  long length, header;
} Frame;

static Frame frame_of(const char *text, long size, int first, int masked) {
  Frame frame = {memory(size + HEADER), 0, 0};
  unsigned char *p = frame.bytes;
  int mask = masked ? 0x80 : 0;
  *p++ = first;
  if (size < 126) {
    *p++ = mask | size;
  } else {
    *p++ = mask | 126;
    *p++ = size >> 8;
    *p++ = size & 0xff;
  }
  if (masked) memcpy(p, MASK, MASK_SIZE), p += MASK_SIZE;
  frame.header = p - frame.bytes;
  for (long i = 0; i < size; i++) *p++ = masked ? text[i] ^ MASK[i % MASK_SIZE] : text[i];
  frame.length = p - frame.bytes;
  return frame;
}

/* A text of that many bytes in the server's own wrapping; the first ones are the start's. */
static Frame message_of(const Dialect *dialect, long size, const char *start, int masked) {
  long before = strlen(dialect->before), after = strlen(dialect->after), length = before + size + after;
  char *text = memory(length + 1);
  memcpy(text, dialect->before, before);
  for (long i = strlen(start); i < size; i++) text[before + i] = "margay "[i % 7];
  memcpy(text + before, start, strlen(start));
  memcpy(text + before + size, dialect->after, after);
  Frame frame = frame_of(text, length, 0x81, masked);
  free(text);
  return frame;
}

static Frame times(Frame frame, int count) {
  Frame all = {memory(frame.length * count), frame.length * count, frame.header};
  for (int i = 0; i < count; i++) memcpy(all.bytes + i * frame.length, frame.bytes, frame.length);
  return all;
}

/* ---- connections ---- */

static void send_all(int fd, const unsigned char *bytes, long length) {
  while (length > 0) {
    long sent = send(fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0) fail("the server does not take what is sent");
    bytes += sent;
    length -= sent;
  }
}

static void receive_all(int fd, unsigned char *to, long length) {
  if (length > 0 && recv(fd, to, length, MSG_WAITALL) != length) fail("the server has closed");
}

static void begin(Peer *peer, int port, const char *path, const char *extensions) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  char head[600];
  int one = 1;
  memset(peer, 0, sizeof *peer);
  peer->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (peer->fd < 0) fail("no descriptor is left: raise ulimit -n");
  if (connect(peer->fd, (struct sockaddr *)&to, sizeof to) < 0) fail("the server is not to be reached");
  setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  int length = snprintf(head, sizeof head,
                        "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%s"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                        path, extensions);
  send_all(peer->fd, (unsigned char *)head, length);
}

static void expect_switch(const char *head) {
  if (strncmp(head, "HTTP/1.1 101 ", 13) != 0) fail("the server does not switch protocols");
}

/* Reads the 101 and not a byte behind it. */
static void opened(Peer *peer) {
  char head[HEAD_SIZE + 1];
  long length = 0;
  for (;;) {
    long seen = recv(peer->fd, head + length, HEAD_SIZE - length, MSG_PEEK);
    if (seen <= 0) fail("the handshake was cut");
    head[length + seen] = 0;
    const char *end = strstr(length > 3 ? head + length - 3 : head, "\r\n\r\n");
    long take = end == NULL ? seen : end + 4 - (head + length);
    receive_all(peer->fd, (unsigned char *)head + length, take);
    length += take;
    if (end != NULL) return expect_switch(head);
    if (length == HEAD_SIZE) fail("the handshake does not end");
  }
}

/* One whole frame, of less than 64 KiB; its first byte. */
static int skip_frame(int fd) {
  unsigned char header[2], extended[2];
  receive_all(fd, header, 2);
  long length = header[1];
  if (length == 126) receive_all(fd, extended, 2), length = extended[0] << 8 | extended[1];
  if (length > 0xffff) fail("the frame is too long");
  receive_all(fd, chunk, length);
  return header[0];
}

static void greet(Peer *peer) {
  skip_frame(peer->fd);
  Frame hello = frame_of("40", 2, 0x81, 1);
  send_all(peer->fd, hello.bytes, hello.length);
  free(hello.bytes);
  skip_frame(peer->fd);
}

static Peer *open_all(int port, int count, const Dialect *dialect, const char *extensions) {
  Peer *peers = memory(count * sizeof *peers);
  for (int from = 0; from < count; from += AT_ONCE) {
    int to = least(from + AT_ONCE, count);
    for (int i = from; i < to; i++) begin(&peers[i], port, dialect->path, extensions);
    for (int i = from; i < to; i++) opened(&peers[i]);
    for (int i = from; i < to && dialect->greets; i++) greet(&peers[i]);
  }
  return peers;
}

/* By reset, so that no port waits for its time to be over. */
static void drop(Peer *peer) {
  struct linger hard = {1, 0};
  setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close(peer->fd);
}

static void watch(int poll, Peer *peer) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, peer->fd, &event) < 0) fail("a connection cannot be watched");
}

/* ---- what is under way ---- */

typedef void Begin(void);
typedef void OnBytes(Peer *, long count);

static struct {
  const char *kind;
  const Dialect *dialect;
  int port, count, depth, poll;
  Peer *peers;
  Begin *begin;
  OnBytes *on_bytes;
} load;

static Frame request, many, answer, answers;
static Frame *messages; /* a room's, by sender */
static long bytes, received, sent, samples, latencies[MOST_SAMPLES];

/* What came is what is expected of the stream at this place. */
static void check(const Peer *peer, long count) {
  long at = peer->position % answer.length;
  for (long done = 0; done < count; at = 0) {
    long some = least(answers.length - at, count - done);
    if (memcmp(chunk + done, answers.bytes + at, some) != 0) fail("the server answers something else");
    done += some;
  }
}

static void begin_echo(void) {
  for (int i = 0; i < load.count; i++) {
    load.peers[i].sent_at = now();
    send_all(load.peers[i].fd, many.bytes, load.depth * request.length);
  }
}

static void on_echo(Peer *peer, long count) {
  check(peer, count);
  long whole = (peer->position + count) / answer.length - peer->position / answer.length;
  received += whole;
  if (load.depth == 1 && whole > 0) {
    long at = now();
    if (samples < MOST_SAMPLES) latencies[samples++] = at - peer->sent_at;
    peer->sent_at = at;
  }
  for (; whole > 0; whole -= PATTERN) send_all(peer->fd, many.bytes, least(whole, PATTERN) * request.length);
}

static void begin_fan_out(void) {
  sent = load.depth;
  for (int i = 0; i < load.depth; i++) send_all(load.peers[0].fd, request.bytes, request.length);
}

/* The next is sent when all have got the one before `depth`, all receivers taken together. */
static void on_fan_out(Peer *peer, long count) {
  check(peer, count);
  if (peer->position + count > sent * answer.length) fail("the server sends more than it was told");
  bytes += count;
  received = bytes / answer.length;
  for (; sent < received / load.count + load.depth; sent++) send_all(load.peers[0].fd, request.bytes, request.length);
}

static void begin_room(void) {
  for (int i = 0; i < load.depth; i++) send_all(load.peers[i].fd, messages[i].bytes, messages[i].length);
}

/* The sender's number begins the text; each sends again when its own has come back. */
static void on_room(Peer *peer, long count) {
  int mine = peer - load.peers;
  long digits = answer.header + strlen(load.dialect->before), in = peer->position % answer.length;
  bytes += count;
  received = bytes / answer.length;
  for (long i = 0; i < count;) {
    if (in >= digits && in < digits + DIGITS) {
      peer->number = (in == digits ? 0 : peer->number * 10) + (chunk[i] - '0');
      if (in == digits + DIGITS - 1) {
        if (peer->number < 0 || peer->number >= load.depth) fail("the server sends something else");
        if (peer->number == mine) send_all(peer->fd, messages[mine].bytes, messages[mine].length);
      }
      i++;
      in++;
    } else {
      long some = least((in < digits ? digits : answer.length) - in, count - i);
      if (memcmp(chunk + i, answer.bytes + in, some) != 0) fail("the server sends something else");
      i += some;
      in += some;
    }
    if (in == answer.length) in = 0;
  }
}

/* At the next template in turn. */
static void begin_one(Peer *peer) {
  char path[40];
  snprintf(path, sizeof path, "/t%ld/one", sent++ % load.depth);
  begin(peer, load.port, path, "");
  watch(load.poll, peer);
}

static void begin_handshakes(void) {
  for (int i = 0; i < load.count; i++) begin_one(&load.peers[i]);
}

static void on_handshake(Peer *peer, long count) {
  static const unsigned char CLOSE[] = {0x88, 0x82, 0x4a, 0x91, 0xc3, 0x07, 0x03 ^ 0x4a, 0xe8 ^ 0x91};
  if (!peer->is_open) {
    expect_switch((char *)chunk);
    if (memcmp(chunk + count - 4, "\r\n\r\n", 4) != 0) fail("the handshake came in pieces");
    peer->is_open = 1;
    send_all(peer->fd, CLOSE, sizeof CLOSE);
    return;
  }
  if (count != 4 || memcmp(chunk, "\x88\x02\x03\xe8", 4) != 0) fail("the server does not answer the close frame");
  received++;
  drop(peer);
  begin_one(peer);
}

/* 2048 times "m" as permessage-deflate has it, and an answer that can only be compressed; not all at once, which would leave its peak behind. */
static void exchange(void) {
  static const char SQUEEZED[] = "\xca\xcd\x1d\x05\xa3\x60\x14\x8c\x82\x51\x30\x0a\x46\xc1\x48\x03\x00\x00";
  Frame frame = frame_of(SQUEEZED, sizeof SQUEEZED - 1, 0xc1, 1);
  for (int from = 0; from < load.count; from += AT_ONCE) {
    int to = least(from + AT_ONCE, load.count);
    for (int i = from; i < to; i++) send_all(load.peers[i].fd, frame.bytes, frame.length);
    for (int i = from; i < to; i++) {
      if (skip_frame(load.peers[i].fd) != 0xc1) fail("the server does not compress");
    }
  }
  free(frame.bytes);
}

/* ---- commands ---- */

static void prepare(const char *kind, const Dialect *dialect, long size) {
  Frame none = {NULL, 0, 0};
  request = answer = many = answers = none;
  load.kind = kind;
  load.dialect = dialect;
  load.begin = NULL;
  load.on_bytes = NULL;
  load.poll = epoll_create1(0);
  bytes = received = sent = samples = 0;
  if (size == 0) return;
  request = message_of(dialect, size, "", 1);
  answer = message_of(dialect, size, "", 0);
  many = times(request, load.depth > PATTERN ? load.depth : PATTERN);
  answers = times(answer, PATTERN);
}

static void prepare_messages(void) {
  char digits[DIGITS + 8];
  messages = memory(load.depth * sizeof *messages);
  for (int i = 0; i < load.depth; i++) {
    snprintf(digits, sizeof digits, "%04d", i);
    messages[i] = message_of(load.dialect, SIZE, digits, 1);
  }
}

static void open_load(const char *kind, const char *name, int port, int count, int depth, int size) {
  static char kept[20];
  const Dialect *dialect = NULL;
  for (size_t i = 0; i < sizeof DIALECTS / sizeof *DIALECTS; i++) {
    if (strcmp(DIALECTS[i].name, name) == 0) dialect = &DIALECTS[i];
  }
  if (dialect == NULL) fail("a dialect that is not known");
  snprintf(kept, sizeof kept, "%s", kind);
  load.port = port;
  load.count = count;
  load.depth = depth;
  int is_echo = strcmp(kind, "echo") == 0, is_fan_out = strcmp(kind, "fan-out") == 0, is_room = strcmp(kind, "room") == 0;
  int is_squeezed = strcmp(kind, "squeezed") == 0, is_handshakes = strcmp(kind, "handshakes") == 0;
  if (!is_echo && !is_fan_out && !is_room && !is_squeezed && !is_handshakes && strcmp(kind, "idle") != 0) fail("a load that is not known");
  prepare(kept, dialect, is_echo ? size : is_fan_out || is_room ? SIZE : 0);
  if (is_echo) load.begin = begin_echo, load.on_bytes = on_echo;
  if (is_fan_out) load.begin = begin_fan_out, load.on_bytes = on_fan_out;
  if (is_room) load.begin = begin_room, load.on_bytes = on_room;
  if (is_room) prepare_messages();
  if (is_handshakes) {
    load.begin = begin_handshakes;
    load.on_bytes = on_handshake;
    load.peers = memory(count * sizeof *load.peers);
    printf("{\"open\":0}\n");
    return;
  }
  load.peers = open_all(port, count, dialect, is_squeezed ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
  if (is_squeezed) exchange();
  for (int i = 0; i < count; i++) watch(load.poll, &load.peers[i]);
  printf("{\"open\":%d}\n", count);
}

static int by_size(const void *a, const void *b) { return (*(long *)a > *(long *)b) - (*(long *)a < *(long *)b); }

/* Reads whatever comes until the time is over. */
static void run(double ms) {
  struct epoll_event events[EVENTS];
  if (load.begin == NULL) fail("nothing to run");
  long start = now(), end = start + (long)(ms * 1e6);
  load.begin();
  while (now() < end) {
    int ready = epoll_wait(load.poll, events, EVENTS, 20);
    for (int i = 0; i < ready; i++) {
      Peer *peer = events[i].data.ptr;
      long count = recv(peer->fd, chunk, sizeof chunk, 0);
      if (count <= 0) fail("the server has closed");
      load.on_bytes(peer, count);
      if (load.on_bytes != on_handshake) peer->position += count;
    }
  }
  double seconds = (now() - start) / 1e9;
  printf("{\"count\":%ld,\"rate\":%.1f", received, received / seconds);
  if (samples > 0) {
    qsort(latencies, samples, sizeof *latencies, by_size);
    printf(",\"p50\":%.2f,\"p99\":%.2f", latencies[samples / 2] / 1e3, latencies[samples * 99 / 100] / 1e3);
  }
  printf("}\n");
}

static void close_load(void) {
  for (int i = 0; i < load.count; i++) {
    if (load.peers[i].fd > 0) drop(&load.peers[i]);
  }
  close(load.poll);
  free(load.peers);
  free(request.bytes);
  free(answer.bytes);
  free(many.bytes);
  free(answers.bytes);
  for (int i = 0; messages != NULL && i < load.depth; i++) free(messages[i].bytes);
  free(messages);
  messages = NULL;
  load.count = 0;
  printf("{\"open\":0}\n");
}

int main(void) {
  char line[200], word[20], dialect[20];
  int port, count, depth, size;
  double ms;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "run %lf", &ms) == 1) run(ms);
    else if (strncmp(line, "close", 5) == 0) close_load();
    else if (sscanf(line, "%19s %19s %d %d %d %d", word, dialect, &port, &count, &depth, &size) == 6) open_load(word, dialect, port, count, depth, size);
    else fail("a line that is not understood");
  }
  return 0;
}
