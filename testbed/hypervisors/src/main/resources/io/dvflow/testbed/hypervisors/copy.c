/* Stands in for the cp of an image with the VDDK library: copies files, with their whole paths, below the last argument. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int copy(const char *file, const char *below) {
  char to[1024];
  struct stat about;
  snprintf(to, sizeof to, "%s%s", below, file);
  for (char *slash = strchr(to + strlen(below) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(to, 0755);
    *slash = '/';
  }
  int from = open(file, O_RDONLY), into = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  if (from < 0 || into < 0 || fstat(from, &about) != 0) return -1;
  while (about.st_size > 0) {
    ssize_t copied = sendfile(into, from, NULL, about.st_size);
    if (copied <= 0) return -1;
    about.st_size -= copied;
  }
  return close(into);
}

int main(int count, char **arguments) {
  for (int i = 1; i < count - 1; i++) {
    if (copy(arguments[i], arguments[count - 1]) != 0) {
      perror(arguments[i]);
      return 1;
    }
  }
  return 0;
}
