"""Makes `keras2_files.zip`: models as Keras 2 saves them, with the probabilities that it computes.

Today's Keras opens few of them, so that they are kept. Run it where `tf_keras`, which is Keras 2, is installed:

    pip install tf_keras
    python tests/support/make_keras2_files.py
"""

import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import h5py
import numpy as np

SIZE = 8
IDS = [3, 1, 4, 1, 5, 2, 6, 5, 3, 5, 0, 7]
OUT = Path(__file__).with_name("keras2_files.zip")


def models(keras) -> dict:
    """Models by the names of their files."""
    layers = keras.layers
    ids = keras.Input((None,))
    outputs, _, _ = layers.LSTM(5, return_sequences=True, return_state=True)(layers.Embedding(SIZE, 3)(ids))
    functional = keras.Model(ids, layers.Activation("softmax")(layers.TimeDistributed(layers.Dense(SIZE))(outputs)))
    sequential = keras.Sequential(
        [
            keras.Input((12, SIZE)),
            layers.LSTM(5, return_sequences=True, dropout=0.1),
            layers.Dropout(0.2),
            layers.LSTM(4),
            layers.Dense(6, activation="relu"),
            layers.Dense(SIZE, activation="softmax"),
        ]
    )
    stateful = keras.Sequential(
        [
            layers.Embedding(SIZE, 4, batch_input_shape=(1, None)),
            layers.LSTM(5, stateful=True, return_sequences=True),
            layers.Dense(SIZE),
        ]
    )
    return {"sequential": sequential, "functional": functional, "stateful": stateful}


def probabilities(model) -> list[float]:
    """After IDS; of logits too."""
    inputs = np.eye(SIZE, dtype=np.float32)[IDS] if model.input_shape[-1] == SIZE else np.array(IDS)
    outputs = model.predict(inputs[None], verbose=0).reshape(-1, SIZE)[-1].astype(np.float64)
    if abs(outputs.sum() - 1) < 1e-3:
        return outputs.tolist()
    exponentials = np.exp(outputs - outputs.max())
    return (exponentials / exponentials.sum()).tolist()


def as_of_tensorflow_2_13(file: bytes) -> bytes:
    """The same `.keras` file with the layers' weights where TensorFlow 2.13 put them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as archive, zipfile.ZipFile(out, "w") as renamed:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "model.weights.h5":
                buffer = io.BytesIO(content)
                with h5py.File(buffer, "a") as weights:
                    weights.move("layers", "_layer_checkpoint_dependencies")
                content = buffer.getvalue()
            renamed.writestr(name, content)
    return out.getvalue()


def main() -> None:
    """Writes the archive."""
    import tf_keras as keras

    rng = np.random.default_rng(0)
    files: dict[str, bytes] = {}
    expected: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, model in models(keras).items():
            model.set_weights([rng.normal(0, 0.8, weight.shape) for weight in model.get_weights()])
            if kind == "sequential":
                model.compile("adam", "categorical_crossentropy")
            for suffix in (".keras", ".h5", "_weights.h5", ".weights.h5"):
                path = Path(folder) / f"{kind}{suffix}"
                (model.save_weights if "weights" in suffix else model.save)(path)
                files[path.name] = path.read_bytes()
            files[f"{kind}.json"] = model.to_json().encode()
            files[f"{kind}_2_13.keras"] = as_of_tensorflow_2_13(files[f"{kind}.keras"])
            expected[kind] = probabilities(model)
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("probabilities.json", json.dumps({"ids": IDS} | expected))
        for name, content in files.items():
            archive.writestr(name, content)
    print(f"{OUT}: {len(files)} files, {OUT.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
