"""The server may have as many files open as its sessions need."""

import subprocess
import sys

import pytest

CODE = """
import resource
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (200, min(most, {most})))
import charlstm.page
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts no files")
@pytest.mark.parametrize("most", [200, 900])
def test_the_page_may_open_as_many_files_as_the_system_lets_it(most):
    done = subprocess.run([sys.executable, "-c", CODE.format(most=most)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(most)] * 2
