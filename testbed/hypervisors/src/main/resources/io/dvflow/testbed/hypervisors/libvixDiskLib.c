/*
 * Stands in for VMware's VDDK library, as far as nbdkit's plug-in calls it to read: the disks are behind an HTTP server that
 * stands in for the ESXi host. Which one, the file "esxi" beside the library says, as host:port; in earnest vCenter does. A
 * disk is at /<snapshot, or "now">/<file name without [, ] and blanks>. Whoever compiles it says PASSWORD, VERSION and HOST.
 */
#define _GNU_SOURCE
#include <netdb.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OK = 0, FAILED = 1, NOT_SUPPORTED = 6, WRONG_LOGIN = 3014, ASYNC = 25000, SECTOR = 512 };

typedef uint64_t error_t_;
typedef void log_function(const char *format, va_list arguments);
typedef void completion(void *data, error_t_ result);

typedef struct {
  char *vm, *server, *thumbprint;
  long reserved1;
  int credentials;
  struct {
    char *user, *password, *key;
  } login;
  uint32_t port, nfc_port;
  char *reserved2;
  char reserved3[8];
  void *reserved4;
  char *object[3];
  int spec;
} connect_params;

typedef struct {
  uint32_t bios_geometry[3], physical_geometry[3];
  uint64_t sectors;
  int adapter, links;
  char *parent, *uuid;
  uint32_t logical_sector, physical_sector;
} disk_info;

typedef struct {
  uint32_t count;
  struct {
    uint64_t offset, length;
  } blocks[1];
} block_list;

typedef struct {
  char path[512];
  uint64_t bytes;
} disk;

static log_function *say_to;
static char esxi_host[256], esxi_port[16];
static char snapshot_of_connection[128];

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say_to(format, arguments);
  va_end(arguments);
}

static int dial(void) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(esxi_host, esxi_port, &hints, &found) != 0) return -1;
  int fd = socket(found->ai_family, found->ai_socktype, 0);
  if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
    close(fd);
    fd = -1;
  }
  freeaddrinfo(found);
  return fd;
}

/* Bytes from a place on, by one request; says how large the disk is. */
static error_t_ fetch(disk *from, uint64_t offset, uint64_t length, unsigned char *into) {
  char head[4096];
  size_t got = 0;
  int fd = dial();
  if (fd < 0) return FAILED;
  int asked = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: esxi\r\nConnection: close\r\nRange: bytes=%lu-%lu\r\n\r\n",
                       from->path, offset, offset + length - 1);
  error_t_ result = FAILED;
  char *end = NULL, *total;
  if (write(fd, head, asked) != asked) goto done;
  memset(head, 0, sizeof head);
  while (end == NULL && got < sizeof head - 1) {
    ssize_t more = read(fd, head + got, sizeof head - 1 - got);
    if (more <= 0) goto done;
    got += more;
    end = strstr(head, "\r\n\r\n");
  }
  if (end == NULL || strncmp(head, "HTTP/1.1 206", 12) != 0) goto done;
  *end = '\0';
  if ((total = strcasestr(head, "content-range:")) == NULL || (total = strchr(total, '/')) == NULL) goto done;
  from->bytes = strtoull(total + 1, NULL, 10);
  size_t have = head + got - (end + 4);
  if (have > length) goto done;
  memcpy(into, end + 4, have);
  while (have < length) {
    ssize_t more = read(fd, into + have, length - have);
    if (more <= 0) goto done;
    have += more;
  }
  result = OK;
done:
  close(fd);
  return result;
}

error_t_ VixDiskLib_InitEx(uint32_t major, uint32_t minor, log_function *log, log_function *warn, log_function *panic,
                           const char *directory, const char *settings) {
  char name[1024];
  say_to = log;
  snprintf(name, sizeof name, "%s/esxi", directory);
  FILE *file = fopen(name, "r");
  if (file == NULL || fscanf(file, "%255[^:]:%15s", esxi_host, esxi_port) != 2) return FAILED;
  fclose(file);
  say("VMware VixDiskLib (" VERSION ") Release build-22388865\n");
  say("settings: %s\n", settings == NULL ? "none" : settings);
  return OK;
}

void VixDiskLib_Exit(void) {}

char *VixDiskLib_GetErrorText(error_t_ error, const char *locale) {
  return strdup(error == WRONG_LOGIN ? "Insufficient permissions in the host operating system" : "Unknown error");
}

void VixDiskLib_FreeErrorText(char *text) { free(text); }

connect_params *VixDiskLib_AllocateConnectParams(void) { return calloc(1, sizeof(connect_params)); }

void VixDiskLib_FreeConnectParams(connect_params *params) { free(params); }

error_t_ VixDiskLib_ConnectEx(const connect_params *params, char read_only, const char *snapshot, const char *modes,
                              void **connection) {
  if (strcmp(params->login.password, PASSWORD) != 0) return WRONG_LOGIN;
  snprintf(snapshot_of_connection, sizeof snapshot_of_connection, "%s", snapshot == NULL ? "now" : snapshot);
  *connection = snapshot_of_connection;
  return OK;
}

error_t_ VixDiskLib_Disconnect(void *connection) { return OK; }

error_t_ VixDiskLib_Open(void *connection, const char *file, uint32_t flags, void **handle) {
  unsigned char first[SECTOR];
  disk *opened = calloc(1, sizeof *opened);
  int at = snprintf(opened->path, sizeof opened->path, "/%s/", (char *)connection);
  for (const char *c = file; *c != '\0' && at < (int)sizeof opened->path - 1; c++)
    if (strchr("[] ", *c) == NULL) opened->path[at++] = *c;
  if (fetch(opened, 0, SECTOR, first) != OK) {
    free(opened);
    return FAILED;
  }
  say("DISKLIB-LINK  : Opened 'vpxa-nfcssl://%s@" HOST ":902' (0xa): custom, %lu sectors\n", file,
      opened->bytes / SECTOR);
  *handle = opened;
  return OK;
}

error_t_ VixDiskLib_Close(void *handle) {
  free(handle);
  return OK;
}

const char *VixDiskLib_ListTransportModes(void) { return "nbdssl"; }

const char *VixDiskLib_GetTransportMode(void *handle) { return "nbdssl"; }

error_t_ VixDiskLib_GetInfo(disk *handle, disk_info **info) {
  *info = calloc(1, sizeof **info);
  (*info)->sectors = handle->bytes / SECTOR;
  (*info)->links = 1;
  (*info)->logical_sector = (*info)->physical_sector = SECTOR;
  return OK;
}

void VixDiskLib_FreeInfo(disk_info *info) { free(info); }

error_t_ VixDiskLib_Read(disk *handle, uint64_t start, uint64_t count, unsigned char *into) {
  return fetch(handle, start * SECTOR, count * SECTOR, into);
}

error_t_ VixDiskLib_ReadAsync(disk *handle, uint64_t start, uint64_t count, unsigned char *into, completion *done,
                              void *data) {
  done(data, fetch(handle, start * SECTOR, count * SECTOR, into));
  return ASYNC;
}

error_t_ VixDiskLib_Wait(void *handle) { return OK; }

/* Everything is allocated. */
error_t_ VixDiskLib_QueryAllocatedBlocks(disk *handle, uint64_t start, uint64_t count, uint64_t chunk, block_list **list) {
  *list = calloc(1, sizeof **list);
  (*list)->count = 1;
  (*list)->blocks[0].offset = start;
  (*list)->blocks[0].length = count;
  return OK;
}

error_t_ VixDiskLib_FreeBlockList(block_list *list) {
  free(list);
  return OK;
}

/* Disks of others are never written to. */
error_t_ VixDiskLib_Write(void *handle, uint64_t start, uint64_t count, const unsigned char *from) { return NOT_SUPPORTED; }

error_t_ VixDiskLib_WriteAsync(void *handle, uint64_t start, uint64_t count, const unsigned char *from, completion *done,
                               void *data) {
  return NOT_SUPPORTED;
}

error_t_ VixDiskLib_Flush(void *handle) { return OK; }

error_t_ VixDiskLib_Create(void *connection, const char *file, const void *params, void *progress, void *data) {
  return NOT_SUPPORTED;
}
