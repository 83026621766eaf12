"""The training process from outside, with small programs in the worker's place; test_worker_main has the real one."""

import subprocess
import sys
import tempfile

import pytest
from workers import END_SECONDS, job, leaving_nothing, program, wait_until

from charlstm.training import worker
from charlstm.training.config import TrainingConfig
from charlstm.training.job_folder import make_job_folder, read_job, remove_job_folder, sweep_job_folders
from charlstm.training.worker import TrainingRun, training_unavailable

STEP = "say('step', epoch=1, step=3, steps=9, train_loss=2.5, characters_per_second=9e4, seconds_left=7.0)\n"


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path, monkeypatch):
    yield from leaving_nothing(tmp_path, monkeypatch)


def started(code: str) -> TrainingRun:
    run = TrainingRun(job(), command=program(code))
    run.start()
    return run


def ended(code: str) -> TrainingRun:
    run = started(code)
    assert run.wait(20)
    return run


def test_a_run_says_that_it_starts_before_the_process_says_anything():
    run = started("sleep(60)")
    assert run.status.phase == "starting"
    assert "Keras" in run.status.message
    run.cancel()
    assert run.wait(END_SECONDS)


def test_steps_are_followed_as_they_happen():
    run = started(STEP + "sleep(60)")
    wait_until(lambda: run.status.phase == "training")
    status = run.status
    assert (status.epoch, status.epochs, status.step, status.steps) == (1, 2, 3, 9)
    assert (status.train_loss, status.characters_per_second, status.seconds_left) == (2.5, 9e4, 7.0)
    run.cancel()
    assert run.status.phase == "stopping"
    assert status.phase == "training"  # a status that was read stays as it was
    assert run.wait(END_SECONDS)
    assert run.status.phase == "cancelled"


def test_a_roll_back_is_remembered():
    run = ended("say('rolled_back', message='Back to epoch 1.')\n" + STEP + "say('done')")
    assert run.status.phase == "done"
    assert [event["event"] for event in run.status.events] == ["rolled_back"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("sys.exit('No such number.')", "exit code 1 (No such number.)"),
        ("os._exit(3)", "exit code 3 (it left no message)"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed, perhaps because memory ran out"),
        ("os.abort()", "signal 6 (Aborted)"),
        ("say('failed', message='The loss is not a number.')", "The loss is not a number;"),
        ("say('saved', file='epoch.keras')\nsleep(60)", "epoch.keras"),
        ("(folder / 'e.keras').write_bytes(b'PK')\nsay('saved', file='e.keras')", "not a whole"),
        ("print('[1, 2]', flush=True)\nsleep(60)", "cannot be read"),
        ("print('{\"event\": \"st', end='')", "exit code 0"),  # half a line, as from a process killed while it wrote
        ("sys.stderr.write('x' * 10_000_000 + '\\nlast words')\nsys.exit(1)", "(last words)"),
    ],
)
def test_a_failure_is_told_in_one_sentence(code, reason):
    status = ended(STEP + code).status
    assert status.phase == "failed"
    assert status.message.startswith("Training failed: ")
    assert reason in status.message
    assert status.message.endswith("; the model is as it was before.")


def test_a_program_that_is_missing_is_a_failure():
    run = TrainingRun(job(), command=("/nowhere/python",))
    run.start()
    assert run.wait(1)
    assert "could not be started" in run.status.message


def test_a_full_disk_at_the_start_is_a_failure(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/dev/full")
    run = TrainingRun(job())
    run.start()
    assert run.wait(1)
    assert "could not be started" in run.status.message


@pytest.mark.parametrize(
    "code",
    [
        "sleep(60)",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsleep(60)",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "while True: say('step', epoch=1, step=1, steps=9)",
        "sys.stdin.readline()\nsay('cancelled')",
    ],
    ids=["deaf", "stubborn", "frozen", "talkative", "polite"],
)
def test_cancelling_ends_the_worker_whatever_it_does(code):
    run = started(STEP + code)
    wait_until(lambda: run.status.phase == "training")
    run.cancel()
    run.cancel()  # twice is once
    assert run.wait(END_SECONDS)
    assert run.status.phase == "cancelled"
    run.start()  # a run that is over does not start again
    assert run.status.phase == "cancelled"


def test_cancelling_right_after_the_start():
    run = started("sleep(60)")
    run.cancel()
    assert run.wait(END_SECONDS)
    assert run.status.phase == "cancelled"


def test_a_worker_that_hangs_after_its_last_word_is_killed(monkeypatch):
    monkeypatch.setattr("charlstm.training.worker.EXIT_PATIENCE_SECONDS", 0.2)
    run = ended("say('done')\nsleep(60)")
    assert run.status.phase == "done"


def test_the_job_arrives_as_it_was_sent():
    sent = job(
        config=TrainingConfig.from_preset("notebook", units=8, clip_norm=1.5), holdout=0.25, start_model=b"PK\x03\x04"
    )
    folder = make_job_folder(sent)
    assert folder.stat().st_mode & 0o077 == 0  # a student's text is nobody else's
    assert read_job(folder) == sent
    remove_job_folder(folder)


def test_folders_of_dead_servers_are_swept_and_others_stay(tmp_path):
    mine = make_job_folder(job())
    stranger = tmp_path / "charlstm-job-notes"
    stranger.mkdir()
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    reused = mine.with_name(mine.name.replace(mine.name.split("-")[3], "1", 1))  # our process id, another's start
    for name in (f"charlstm-job-{dead.pid}-123-abc", reused.name):
        (tmp_path / name).mkdir()
        (tmp_path / name / "job.json").write_text("{}")
    sweep_job_folders()
    assert sorted(tmp_path.iterdir()) == sorted([mine, stranger])
    remove_job_folder(mine)
    stranger.rmdir()


def test_what_is_missing_to_train_is_named(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "left_over").mkdir()
    try:
        for missing in ("no_such_backend", "left_over"):
            reason = training_unavailable({"KERAS_BACKEND": missing})
            assert f"{missing}, which Python 3." in reason
            assert reason.endswith(f"pip install {missing}")
    finally:
        (tmp_path / "left_over").rmdir()


def test_without_tensorflow_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(worker, "_is_installed", lambda package: package == "keras")
    assert training_unavailable({}).endswith('pip install "charlstm[train]"')


def test_the_server_side_imports_no_keras():
    code = (
        "import sys, charlstm.training.queue; sys.exit(bool({'keras', 'tensorflow', 'streamlit'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_epochs_that_were_taken_are_gone_but_counted():
    run = TrainingRun(job())
    run.epochs = ("first", "second")
    assert run.take_epochs() == ("first", "second")
    assert run.take_epochs() == ()
    run.cancel()
    assert run.status.message == "Training was stopped; the 2 finished epochs are kept."
