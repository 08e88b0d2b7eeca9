/*
 * What a disk holds of a folder when the power goes: only what was synced. Preloaded into a process,
 * this keeps such an image beside the folder. After the process was killed, the test puts the image
 * in the folder's place.
 *
 *   UNSYNCED_FOLDER   the folder, an absolute path without symbolic links
 *   UNSYNCED_IMAGE    the image, a folder that equals it at the start
 *
 * fsync and fdatasync of a file bring the ranges written since the last sync, and the size, into the
 * image. A process killed meanwhile leaves them there in part, as a disk does. fsync of the folder
 * brings renames and removals into the image. The file that SQLite maps (-shm) is never synced.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 32
#define RANGES 8192

struct range {
  off_t at;
  size_t bytes;
};

struct file {
  char name[128];
  ino_t inode;
  /* Whether all of it has to be copied: new, cut, written by position, or too many ranges. */
  int whole;
  int count;
  struct range ranges[RANGES];
};

struct renamed {
  char from[128];
  char to[128];
};

static struct file files[FILES];
static struct renamed renames[FILES];
static int renames_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void die(const char *what) {
  dprintf(2, "unsynced: %s\n", what);
  _exit(70);
}

static void *next(const char *name) {
  void *symbol = dlsym(RTLD_NEXT, name);
  if (symbol == NULL) die(name);
  return symbol;
}

static const char *folder(void) { return getenv("UNSYNCED_FOLDER"); }

static void image_path(char *path, const char *name) {
  snprintf(path, PATH_MAX, "%s/%s", getenv("UNSYNCED_IMAGE"), name);
}

/* The name within the folder, "" for the folder itself, NULL for everything else. */
static const char *name_in_folder(const char *path) {
  const char *base = folder();
  if (base == NULL) return NULL;
  size_t length = strlen(base);
  if (strncmp(path, base, length) != 0) return NULL;
  if (path[length] == '\0') return path + length;
  return path[length] == '/' ? path + length + 1 : NULL;
}

static const char *name_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return NULL;
  path[length] = '\0';
  return name_in_folder(path);
}

static struct file *file_of(int fd, const char *name) {
  struct stat status;
  if (fstat(fd, &status) != 0) die("fstat");
  for (int i = 0; i < FILES; i += 1) {
    struct file *file = &files[i];
    if (file->name[0] != '\0' && strcmp(file->name, name) != 0) continue;
    if (file->name[0] == '\0') {
      snprintf(file->name, sizeof file->name, "%s", name);
      char path[PATH_MAX];
      image_path(path, name);
      file->inode = status.st_ino;
      file->whole = access(path, F_OK) != 0;
    } else if (file->inode != status.st_ino) {
      file->inode = status.st_ino;
      file->whole = 1;
      file->count = 0;
    }
    return file;
  }
  die("too many files");
  return NULL;
}

static void note(int fd, off_t at, ssize_t bytes) {
  char path[PATH_MAX];
  const char *name = name_of(fd, path);
  if (name == NULL || name[0] == '\0') return;
  pthread_mutex_lock(&lock);
  struct file *file = file_of(fd, name);
  if (at < 0 || file->count == RANGES) file->whole = 1;
  else file->ranges[file->count++] = (struct range){at, (size_t)bytes};
  pthread_mutex_unlock(&lock);
}

static void copy(int from, int to, struct range range) {
  static char buffer[65536];
  ssize_t (*real_pwrite)(int, const void *, size_t, off_t) = next("pwrite");
  while (range.bytes > 0) {
    size_t most = range.bytes < sizeof buffer ? range.bytes : sizeof buffer;
    ssize_t got = pread(from, buffer, most, range.at);
    if (got < 0) die("pread");
    if (got == 0) return;
    if (real_pwrite(to, buffer, (size_t)got, range.at) != got) die("pwrite");
    range.at += got;
    range.bytes -= (size_t)got;
  }
}

static void publish_file(int fd, const char *name) {
  char path[PATH_MAX];
  char self[64];
  struct stat status;
  struct file *file = file_of(fd, name);
  int (*real_ftruncate)(int, off_t) = next("ftruncate");
  image_path(path, name);
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  int from = open(self, O_RDONLY | O_CLOEXEC);
  int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (from < 0 || to < 0 || fstat(fd, &status) != 0) die("open");
  if (file->whole) copy(from, to, (struct range){0, (size_t)status.st_size});
  else
    for (int i = 0; i < file->count; i += 1) copy(from, to, file->ranges[i]);
  if (real_ftruncate(to, status.st_size) != 0) die("ftruncate");
  file->whole = 0;
  file->count = 0;
  close(from);
  close(to);
}

static void publish_names(void) {
  char from[PATH_MAX];
  char to[PATH_MAX];
  int (*real_rename)(const char *, const char *) = next("rename");
  for (int i = 0; i < renames_count; i += 1) {
    image_path(from, renames[i].from);
    image_path(to, renames[i].to);
    if (real_rename(from, to) != 0) die("rename of a file that was never synced");
  }
  renames_count = 0;
  DIR *image = opendir(getenv("UNSYNCED_IMAGE"));
  if (image == NULL) die("opendir");
  for (struct dirent *entry; (entry = readdir(image)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    snprintf(from, PATH_MAX, "%s/%s", folder(), entry->d_name);
    image_path(to, entry->d_name);
    if (access(from, F_OK) != 0) unlink(to);
  }
  closedir(image);
}

static void publish(int fd) {
  char path[PATH_MAX];
  const char *name = name_of(fd, path);
  if (name == NULL) return;
  pthread_mutex_lock(&lock);
  if (name[0] == '\0') publish_names();
  else publish_file(fd, name);
  pthread_mutex_unlock(&lock);
}

int fsync(int fd) {
  publish(fd);
  return 0;
}

int fdatasync(int fd) {
  publish(fd);
  return 0;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (real == NULL) real = next("pwrite");
  ssize_t written = real(fd, bytes, count, at);
  if (written > 0) note(fd, at, written);
  return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  return pwrite(fd, bytes, count, at);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  static ssize_t (*real)(int, const void *, size_t);
  if (real == NULL) real = next("write");
  ssize_t written = real(fd, bytes, count);
  if (written > 0) note(fd, -1, written);
  return written;
}

int ftruncate(int fd, off_t length) {
  static int (*real)(int, off_t);
  if (real == NULL) real = next("ftruncate");
  int result = real(fd, length);
  if (result == 0) note(fd, -1, 0);
  return result;
}

int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  if (real == NULL) real = next("rename");
  int result = real(from, to);
  const char *from_name = name_in_folder(from);
  const char *to_name = name_in_folder(to);
  if (result == 0 && from_name != NULL && to_name != NULL) {
    pthread_mutex_lock(&lock);
    if (renames_count == FILES) die("too many renames");
    struct renamed *renamed = &renames[renames_count++];
    snprintf(renamed->from, sizeof renamed->from, "%s", from_name);
    snprintf(renamed->to, sizeof renamed->to, "%s", to_name);
    pthread_mutex_unlock(&lock);
  }
  return result;
}
