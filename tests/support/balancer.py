"""Several servers of the page behind the real nginx with the settings of `deploy/`, all on the loopback address."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from server import END_SECONDS, free_port, wait_for_health

ROOT = Path(__file__).resolve().parents[2]
NGINX_PATH = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", os.environ["PATH"]))
CONFIGURATION = ROOT / "deploy" / "nginx.conf"
ADDRESSES = ("172.30.0.11:8501", "172.30.0.12:8501")  # of the servers there


class Server:
    """One server of the page, which can be killed and started again at the same port."""

    def __init__(self, folder: Path, number: int, environment: dict[str, str]) -> None:
        self.port, self._log, self._environment = free_port(), folder / f"server-{number}.txt", environment
        self.address = f"127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Starts it; returns at once."""
        command = (sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.address=127.0.0.1")
        options = (f"--server.port={self.port}", "--server.headless=true")
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                (*command, *options),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
            )

    def wait(self) -> None:
        """Waits until it answers at the address that balancers ask for its health."""
        wait_for_health(self.process, f"http://{self.address}", self._log)

    def kill(self) -> None:
        """Without a warning."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """In good order."""
        self.process.terminate()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def balanced(folder: Path, environment: dict[str, str]) -> Iterator[tuple[str, tuple[Server, ...]]]:
    """The address of nginx before two servers, and these; all are ended afterwards."""
    nginx = shutil.which("nginx", path=NGINX_PATH)
    assert nginx is not None
    with ExitStack() as stack:
        servers = tuple(Server(folder, number, environment) for number in (1, 2))
        for server in servers:
            stack.callback(server.end)
        port = free_port()
        text = CONFIGURATION.read_text("utf-8").replace("listen 8080", f"listen 127.0.0.1:{port}")
        for address, server in zip(ADDRESSES, servers, strict=True):
            assert address in text
            text = text.replace(address, server.address)
        (folder / "nginx.conf").write_text(text, "utf-8")
        own = f"daemon off; pid {folder}/nginx.pid; error_log stderr;"
        log = stack.enter_context((folder / "nginx.txt").open("wb"))
        balancer = subprocess.Popen((nginx, "-p", folder, "-c", folder / "nginx.conf", "-g", own), stderr=log)
        stack.callback(balancer.wait)
        stack.callback(balancer.terminate)
        for server in servers:
            server.wait()
        wait_for_health(balancer, f"http://127.0.0.1:{port}", folder / "nginx.txt")
        yield f"http://127.0.0.1:{port}", servers
