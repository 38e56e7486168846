"""What the benchmarks of the transfer program share: a web server, and the program as it runs in pods."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MIB = 1 << 20
SO_MAX_PACING_RATE = 47  # bytes per second; Python has no name for it


def sh(script, **more):
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], check=True, **more)


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def say(text):
    print(text, file=sys.stderr, flush=True)


def install_missing(packages):
    missing = [package for package in packages if subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package], capture_output=True, text=True).stdout.strip() != "ii"]
    if missing:
        say("installing " + " ".join(missing))
        sh(f"apt-get -qq -o DPkg::Lock::Timeout=300 update && apt-get -qq -y --no-install-recommends install {' '.join(missing)}",
           stdout=subprocess.DEVNULL)


def cache_directory(name):
    """Where a benchmark keeps what takes long to make."""
    home = pathlib.Path(os.environ.get("DVFLOW_CACHE", pathlib.Path.home() / ".cache/dvflow"))
    directory = home / "bench" / name
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def http(url):
    return {"kind": "http", "url": url, "verifyTls": True, "extraHeaders": [], "secretHeaderDirectories": []}


class Server:
    """nginx on loopback; at `throttled` each connection gets so many MB/s, from its first byte and over all of its requests."""

    def __init__(self, root, work, throttle=20):
        self.log = work / "access.log"
        # nginx's own limit_rate counts by request and leaves the first second free. The kernel's holds for a connection,
        # which has it from the socket that listens, and nginx takes sockets over that it is told of by NGINX.
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        listeners[1].setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, throttle * 1000 * 1000)
        self.url, self.throttled = (f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners)
        configuration = work / "nginx.conf"
        configuration.write_text(f"""
            daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/error.log; user root;
            events {{ worker_connections 256; }}
            http {{
              log_format bytes '$bytes_sent'; access_log {self.log} bytes; sendfile on; keepalive_requests 100000;
              server {{ listen {self.url[7:]}; listen {self.throttled[7:]}; root {root};
                location = /v2/ {{ return 200 "{{}}"; }}
                location ~ ^/v2/.*/manifests/ {{ default_type application/vnd.oci.image.manifest.v1+json; }} }}
            }}""")
        numbers = [listener.fileno() for listener in listeners]
        self.process = subprocess.Popen(["nginx", "-c", str(configuration)], stderr=subprocess.DEVNULL, pass_fds=numbers,
                                        env={**os.environ, "NGINX": "".join(f"{number};" for number in numbers)})
        for listener in listeners:
            listener.close()
        deadline = time.monotonic() + 20
        while subprocess.run(["curl", "-sI", self.url + "/"], stdout=subprocess.DEVNULL).returncode:
            if time.monotonic() > deadline:
                raise SystemExit("nginx did not start: " + (work / "error.log").read_text())
            time.sleep(0.1)

    def sent(self):
        return sum(map(int, self.log.read_text().split()))

    def close(self):
        self.process.terminate()
        self.process.wait()


class MemoryLimit:
    """A group of processes whose memory is limited as that of a pod is: what they have in the page cache counts."""

    def __init__(self, mib):
        root = pathlib.Path("/sys/fs/cgroup")
        if (root / "memory").is_dir():  # the first version of cgroups
            parent, limit, self.highest = root / "memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"
        else:
            parent, limit, self.highest = root, "memory.max", "memory.peak"
            (root / "cgroup.subtree_control").write_text("+memory")
        self.directory = parent / f"dvflow-bench-{os.getpid()}"
        self.directory.mkdir()
        (self.directory / limit).write_text(str(mib * MIB))

    def join(self):
        """Takes this process in, and with it all that it starts."""
        (self.directory / "cgroup.procs").write_text("0")

    def peak(self):
        """MiB that were counted at most."""
        return int((self.directory / self.highest).read_text()) / MIB

    def close(self):
        """Once the last process is gone, which may be one that a killed variant has left."""
        deadline = time.monotonic() + 20
        while (self.directory / "cgroup.procs").read_text():
            if time.monotonic() > deadline:
                raise SystemExit(f"processes are left in {self.directory}")
            time.sleep(0.05)
        self.directory.rmdir()


class TransferProgram:
    """The program as it runs in pods: same flags, with its AOT cache."""

    def __init__(self, work):
        home = java_home()
        jars = [ROOT / "data-plane/target/data-plane.jar", *sorted((ROOT / "data-plane/target/lib").glob("*.jar"))]
        if not jars[0].exists():
            raise SystemExit("build first: mvn -q package -DskipTests")
        flags = [line for part in ("common", "transfer") for line in (ROOT / "images/jvm" / part).read_text().splitlines()
                 if line and not line.startswith("#")]
        self.arguments = work / "transfer.args"
        self.arguments.write_text("\n".join(
            [*flags, "-cp", os.pathsep.join(map(str, jars)), "io.dvflow.dataplane.TransferMain"]))
        self.java = str(home / "bin/java")
        self.cache = work / "transfer.aot"
        self.work = work
        self.plans = 0
        subprocess.run([self.java, f"-XX:AOTCacheOutput={self.cache}", f"@{self.arguments}", "--warm-up"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, "DVFLOW_TERMINATION_LOG": str(work / "warm-up.log")})

    def command(self, source, target, size, **more):
        """Writes a plan; the command's standard output is in transfer.log, its last word in outcome.json."""
        plan = {"operationId": "bench", "attempt": 1, "source": source, "target": target, "contentType": "KUBEVIRT",
                "requestedBytes": size, "filesystemOverhead": 0, "preallocate": False, **more}
        self.plans += 1
        file = self.work / f"plan-{self.plans}.json"
        file.write_text(json.dumps(plan))
        return (f"DVFLOW_TERMINATION_LOG={self.work}/outcome.json exec {self.java} -XX:AOTCache={self.cache} "
                f"@{self.arguments} --plan {file} > {self.work}/transfer.log 2>&1")


class CdiImporter:
    """CDI's own importer as it runs in its pods: at their places, which only it sees, with what CDI's controller tells it."""

    PACKAGES = ("bubblewrap", "nbdkit", "qemu-utils")

    def __init__(self):
        self.program = output(ROOT / "hack/cdi-importer")

    def command(self, source, endpoint, target, size, scratch):
        """A shell command; a device as target is one of CDI's block volumes, else it is a directory. Its output is beside `scratch`."""
        places = f"--dev-bind {target} /dev/cdi-block-volume" if target.is_block_device() else f"--bind {target} /data"
        environment = {"IMPORTER_SOURCE": source, "IMPORTER_ENDPOINT": endpoint, "IMPORTER_CONTENTTYPE": "kubevirt",
                       "IMPORTER_IMAGE_SIZE": size, "FILESYSTEM_OVERHEAD": 0, "PREALLOCATION": "false", "INSECURE_TLS": "true",
                       "OWNER_UID": "bench"}
        return (f"bwrap --clearenv --setenv PATH /usr/sbin:/usr/bin --ro-bind /usr /usr --symlink usr/bin /bin "
                f"--symlink usr/sbin /sbin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --ro-bind /etc /etc "
                f"--proc /proc --dev /dev --tmpfs /tmp --tmpfs /var/tmp --dir /run --dir /shared {places} --bind {scratch} /scratch --ro-bind {self.program} /cdi-importer "
                + " ".join(f"--setenv {name} {value}" for name, value in environment.items())
                + f" /cdi-importer -v=1 -alsologtostderr > {scratch.parent}/cdi.log 2>&1")


def java_home():
    return pathlib.Path(output("bash", "-c", f". {ROOT}/hack/java-home.sh && echo $JAVA_HOME"))
