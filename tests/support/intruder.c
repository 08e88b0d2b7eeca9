/*
 * What a worker is to an attacker who runs machine code of his own in it. Each word behind the third
 * one after `intruder` is one thing to do:
 *   NUMBER,ARGUMENT,...  a system call; an argument is a number, `"text`, `@` for what the last call
 *                        returned, `*` for room, or `~` and the bytes in hexadecimal digits
 *   fork                 as many processes as it can have, up to 200
 *   touch,BYTES          memory that is really there
 *   spin                 the processor, for ever
 *   wait                 until its standard input ends
 * Says what each returned, a line each; an error is its number below zero.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static char room[65536];
static long last;

static long answered(long value) { return value == -1 ? -errno : value; }

static long bytes(const char *digits) {
  static char kept[8][64];
  static int used;
  char *to = memset(kept[used++ % 8], 0, sizeof kept[0]);
  for (int at = 0; digits[at * 2] && at < (int)sizeof kept[0]; at++) {
    unsigned value;
    sscanf(digits + at * 2, "%2x", &value);
    to[at] = (char)value;
  }
  return (long)to;
}

static long argument(const char *text) {
  if (text[0] == '~') return bytes(text + 1);
  if (text[0] == '"') return (long)(text + 1);
  if (text[0] == '@') return last;
  if (text[0] == '*') return (long)room;
  return (long)strtoull(text, NULL, 0);
}

static long make_call(char *word) {
  long values[7] = {0};
  int count = 0;
  for (char *part = strtok(word, ","); part && count < 7; part = strtok(NULL, ","))
    values[count++] = argument(part);
  return answered(syscall(values[0], values[1], values[2], values[3], values[4], values[5], values[6]));
}

/* By the plain call: what the library's own function does around it needs more than the filter has. */
static long fork_all(void) {
  int count = 0;
  while (count < 200) {
    long child = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
    if (child == 0) for (;;) pause();
    if (child < 0) return count > 0 ? count : -errno;
    count++;
  }
  return count;
}

static long touch(size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -errno;
  for (size_t at = 0; at < bytes; at += 4096) memory[at] = 1;
  return 0;
}

int main(int count, char **words) {
  int at = 1;
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (at < count && strcmp(words[at], "intruder") != 0) at++;
  for (at += 3; at < count; at++) {
    char *word = words[at];
    if (strcmp(word, "fork") == 0) last = fork_all();
    else if (strncmp(word, "touch,", 6) == 0) last = touch(strtoull(word + 6, NULL, 0));
    else if (strcmp(word, "spin") == 0) for (;;);
    else if (strcmp(word, "wait") == 0) last = answered(read(0, room, sizeof room));
    else last = make_call(word);
    printf("%ld\n", last);
  }
  return 0;
}
