/* Records, in their order, what a process does to the files of one folder and what it prints: every
 * write, every truncation, and every request to have a file on the disk. Preloaded into the process
 * by the test beside it, which then decides what a power cut would have left.
 *
 * A record is: kind (1 byte), length of the path (2), the path, offset (8), length (4), the bytes;
 * all numbers in the machine's own order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITTEN = 'w', CUT = 't', SYNCED = 's', PRINTED = 'p' };

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;
static const char *folder;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("POWER_CUT_RECORD");
    folder = getenv("POWER_CUT_FOLDER");
    if (path != NULL && folder != NULL) {
        record = (int)syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    }
}

static void put(const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = syscall(SYS_write, record, at, length);
        if (written <= 0) {
            _exit(90);
        }
        at += written;
        length -= (size_t)written;
    }
}

static void note(char kind, const char *path, uint64_t offset, const void *bytes, uint32_t length) {
    uint16_t path_length = (uint16_t)strlen(path);
    put(&kind, 1);
    put(&path_length, 2);
    put(path, path_length);
    put(&offset, 8);
    put(&length, 4);
    put(bytes, length);
}

/* The path of an open file of the folder; 0 for any other. */
static int path_of(int fd, char *path) {
    char link[64] = "/proc/self/fd/";
    char digits[16];
    int count = 0;
    unsigned number = (unsigned)fd;
    if (record < 0 || fd == record || fd < 0) {
        return 0;
    }
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    size_t end = strlen(link);
    while (count > 0) {
        link[end++] = digits[--count];
    }
    link[end] = 0;
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) {
        return 0;
    }
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (real == NULL) { \
        real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name); \
    }

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t)
    char path[PATH_MAX];
    pthread_mutex_lock(&turn);
    int ours = path_of(fd, path);
    off_t offset = ours ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t written = real(fd, bytes, length);
    if (written > 0 && ours) {
        note(WRITTEN, path, (uint64_t)offset, bytes, (uint32_t)written);
    } else if (written > 0 && fd == STDOUT_FILENO && record >= 0) {
        note(PRINTED, "", 0, bytes, (uint32_t)written);
    }
    pthread_mutex_unlock(&turn);
    return written;
}

static ssize_t write_at(ssize_t (*real)(int, const void *, size_t, off_t), int fd,
                        const void *bytes, size_t length, off_t offset) {
    char path[PATH_MAX];
    pthread_mutex_lock(&turn);
    ssize_t written = real(fd, bytes, length, offset);
    if (written > 0 && path_of(fd, path)) {
        note(WRITTEN, path, (uint64_t)offset, bytes, (uint32_t)written);
    }
    pthread_mutex_unlock(&turn);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t)
    return write_at(real, fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t)
    return write_at(real, fd, bytes, length, offset);
}

static int cut_at(int (*real)(int, off_t), int fd, off_t length) {
    char path[PATH_MAX];
    pthread_mutex_lock(&turn);
    int done = real(fd, length);
    if (done == 0 && path_of(fd, path)) {
        note(CUT, path, (uint64_t)length, "", 0);
    }
    pthread_mutex_unlock(&turn);
    return done;
}

int ftruncate(int fd, off_t length) {
    REAL(int, "ftruncate", int, off_t)
    return cut_at(real, fd, length);
}

int ftruncate64(int fd, off_t length) {
    REAL(int, "ftruncate64", int, off_t)
    return cut_at(real, fd, length);
}

static int sync_file(int (*real)(int), int fd) {
    char path[PATH_MAX];
    pthread_mutex_lock(&turn);
    int done = real(fd);
    if (done == 0 && path_of(fd, path)) {
        note(SYNCED, path, 0, "", 0);
    }
    pthread_mutex_unlock(&turn);
    return done;
}

int fsync(int fd) {
    REAL(int, "fsync", int)
    return sync_file(real, fd);
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int)
    return sync_file(real, fd);
}
