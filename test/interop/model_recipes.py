"""Trains what docs/models.md trains on the training sets of a folder; the first argument says what."""

import json
import sys
import warnings

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

warnings.filterwarnings("ignore")
what, folder = sys.argv[1:3]


def tables(name):
    return (pd.read_parquet(f"{folder}/{name}/{table}.parquet") for table in ("features", "labels", "folds"))


def write_linear(model, path, names=None):
    linear, scaler = (model[-1], model[0]) if hasattr(model, "steps") else (model, None)
    classes = getattr(linear, "classes_", [])
    link = "none" if not hasattr(linear, "predict_proba") else "logistic" if len(classes) == 2 else "softmax"
    saved = {"format": "spymaster-linear", "version": 1, "link": link, "features": names}
    saved |= {"coef": np.atleast_2d(linear.coef_).tolist(), "intercept": np.atleast_1d(linear.intercept_).tolist()}
    saved |= {"mean": scaler and scaler.mean_.tolist(), "scale": scaler and scaler.scale_.tolist()}
    json.dump(saved, open(path, "w"))


def boosted(x, up, leaves=31, rounds=50):
    params = {"objective": "binary", "verbose": -1, "num_leaves": leaves, "num_threads": 1}
    return lgb.train(params, lgb.Dataset(x, up), rounds)


def logistic(x, up):
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(x, up)


def vector_machine(x, up):
    return make_pipeline(StandardScaler(), LinearSVC(C=0.01, dual=False)).fit(x, up)


def xgboosted(x, up, rounds=50):
    return xgb.train({"objective": "binary:logistic", "max_depth": 4, "nthread": 1}, xgb.DMatrix(x, up), rounds)


fits = {"lightgbm": boosted, "logistic": logistic, "linear_svm": vector_machine, "xgboost": xgboosted}

if what == "train":
    # A model of one kind for each fold of a walk-forward: the kind, the folder of the set, and what its files are called.
    kind, name, saved_as = sys.argv[3:]
    x, y, fold = tables(name)
    for number in fold.columns:
        train = (fold[number] == "train") & (y.label != 0)
        model = fits[kind](x[train], y.label[train] > 0)
        path = f"{folder}/{saved_as}_{number}"
        if kind == "lightgbm":
            model.save_model(f"{path}.txt")
        elif kind == "xgboost":
            model.save_model(f"{path}.json")
        else:
            write_linear(model, f"{path}.json", list(x.columns))
else:
    # Area under the curve of the tests of all folds, where sessions are split.
    found = {}
    for name in sys.argv[3:]:
        x, y, fold = tables(name)
        for kind, fit in (("lightgbm", lambda a, b: boosted(a, b, 63, 200)), ("logistic", logistic)):
            p = pd.Series(np.nan, x.index)
            for number in fold.columns:
                train, test = ((fold[number] == role) & (y.label != 0) for role in ("train", "test"))
                model = fit(x[train], y.label[train] > 0)
                p[test] = model.predict(x[test]) if kind == "lightgbm" else model.predict_proba(x[test])[:, 1]
            found[f"{name} {kind}"] = roc_auc_score(y.label[p.notna()] > 0, p[p.notna()])
    print(json.dumps(found))
