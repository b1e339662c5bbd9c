"""What a file's columns look like before anyone said which is which."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from driftcore.errors import UnreadableFileError
from driftcore.readers import guess_embedding_columns, guess_prediction_columns


def test_usual_names_are_found_and_the_others_left_open(tmp_path: Path) -> None:
    file = tmp_path / "embeddings.parquet"
    pd.DataFrame({"key": ["a"], "Label": ["x"], "emb": [[1.0, 2.0]], "price": [3]}).to_parquet(file)
    guess = guess_embedding_columns(file)
    assert guess.columns == ("key", "Label", "emb", "price")
    assert guess.roles == {"id": None, "vector": "emb", "label": "Label", "text": None}
    assert (guess.n_rows, guess.n_numbered) == (1, 0)


def test_numbered_columns_are_one_vector(tmp_path: Path) -> None:
    file = tmp_path / "embeddings.csv"
    file.write_text("id,dim_0,dim_1,dim_2\na,1,2,3\nb,4,5,6\n")
    guess = guess_embedding_columns(file)
    assert (guess.roles["id"], guess.roles["vector"], guess.n_numbered, guess.n_rows) == ("id", "dim_0", 3, 2)


def test_predictions_have_their_own_roles(tmp_path: Path) -> None:
    file = tmp_path / "predictions.csv"
    file.write_text("id,y_pred,prob\na,x,0.5\n")
    assert guess_prediction_columns(file).roles == {
        "id": "id",
        "prediction": "y_pred",
        "target": None,
        "confidence": "prob",
        "correct": None,
    }


def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "embeddings.parquet"
    file.write_text("id,emb\n")
    with pytest.raises(UnreadableFileError, match=r"embeddings\.parquet"):
        guess_embedding_columns(file)
