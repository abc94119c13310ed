"""Trains models with the real packages and writes them, rows, and what the packages answer to the folder that is named."""

import json
import sys
import warnings

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

warnings.filterwarnings("ignore")
folder = sys.argv[1]
random = np.random.default_rng(20_260_301)
rows, features = 40_000, 6


def market(count):
    x = random.normal(size=(count, features)) * 10.0 ** random.integers(-3, 4, size=features)
    x[:, 1] = np.round(x[:, 1], 1)
    x[random.random(x.shape) < 0.05] = np.nan
    x[random.random(x.shape) < 0.05] = 0.0
    x[random.random(x.shape) < 0.01] = 1e-36
    return x


train = market(6000)
filled = np.nan_to_num(train)
noise = random.normal(size=6000)
target = np.sign(filled[:, 0]) + np.tanh(filled[:, 1]) + 0.5 * noise
labels = (target > 0).astype(int)
three = np.digitize(target, [-0.5, 0.5])
test = market(rows)
models = []


def at_thresholds(thresholds):
    """Rows that lie on the thresholds of a model, and a unit in the last place beside them."""
    x = test.copy()
    if len(thresholds) == 0:
        return x
    chosen = np.array(thresholds, dtype=float)[random.integers(0, len(thresholds), size=3 * (rows // 4))]
    at = np.repeat(np.arange(rows // 4), 3)
    values = chosen[:, 1]
    beside = np.where(at % 4 == 2, np.nextafter(values, -np.inf), np.nextafter(values, np.inf))
    x[at, chosen[:, 0].astype(int)] = np.where(at % 4 < 2, values, beside)
    return x


def keep(name, file, x, answer, **more):
    x.astype("<f8").tofile(f"{folder}/{name}.rows")
    np.ascontiguousarray(answer, dtype="<f8").tofile(f"{folder}/{name}.answer")
    for key, value in more.items():
        np.ascontiguousarray(value, dtype="<f8").tofile(f"{folder}/{name}.{key}")
    models.append({"name": name, "file": file, "more": list(more)})


def lightgbm_thresholds(booster):
    frame = booster.trees_to_dataframe().dropna(subset=["threshold"])
    return [(int(f.split("_")[1]), t) for f, t in zip(frame.split_feature, frame.threshold)]


def lightgbm(name, data, params, rounds=60):
    booster = lgb.train({"verbose": -1, "num_leaves": 15, "deterministic": True, "num_threads": 1, **params}, data, rounds)
    booster.save_model(f"{folder}/{name}.txt")
    booster = lgb.Booster(model_file=f"{folder}/{name}.txt")
    x = at_thresholds(lightgbm_thresholds(booster))
    more = {} if params["objective"] == "regression" else {"probability": booster.predict(x)}
    keep(name, f"{name}.txt", x, booster.predict(x, raw_score=True), **more)


lightgbm("lgb_nan", lgb.Dataset(train, labels), {"objective": "binary"})
lightgbm("lgb_zero", lgb.Dataset(train, labels), {"objective": "binary", "zero_as_missing": True, "sigmoid": 1.7})
lightgbm("lgb_none", lgb.Dataset(filled, labels), {"objective": "binary", "use_missing": False, "is_unbalance": True})
lightgbm("lgb_three", lgb.Dataset(train, three), {"objective": "multiclass", "num_class": 3})
lightgbm("lgb_regression", lgb.Dataset(train, target), {"objective": "regression"})
lightgbm("lgb_constant", lgb.Dataset(train, labels), {"objective": "binary", "min_data_in_leaf": 5000}, 1)


def xgboost_thresholds(booster):
    frame = booster.trees_to_dataframe().dropna(subset=["Split"])
    return [(int(f[1:]), t) for f, t in zip(frame.Feature, frame.Split)]


def xgboost(name, y, params, rounds=60, best=None):
    booster = xgb.train({"max_depth": 4, "nthread": 1, **params}, xgb.DMatrix(train, y), rounds)
    booster.save_model(f"{folder}/{name}.json")
    x = at_thresholds(xgboost_thresholds(booster))
    data = xgb.DMatrix(x)
    more = {"probability": booster.predict(data)} if params["objective"] in ("binary:logistic", "multi:softprob") else {}
    keep(name, f"{name}.json", x, booster.predict(data, output_margin=True), **more)


xgboost("xgb_logistic", labels, {"objective": "binary:logistic"})
for score in (0.01, 0.3, 0.5, 0.87):
    xgboost(f"xgb_base_{score}", labels, {"objective": "binary:logistic", "base_score": score}, 12)
xgboost("xgb_logitraw", labels, {"objective": "binary:logitraw"})
xgboost("xgb_three", three, {"objective": "multi:softprob", "num_class": 3})
xgboost("xgb_regression", target, {"objective": "reg:squarederror"})
xgboost("xgb_lossguide", labels, {"objective": "binary:logistic", "grow_policy": "lossguide", "max_leaves": 20, "gamma": 1})


def write_linear(model, path, names=None):
    linear, scaler = (model[-1], model[0]) if hasattr(model, "steps") else (model, None)
    coef, classes = np.atleast_2d(linear.coef_), getattr(linear, "classes_", [])
    link = "none" if not hasattr(linear, "predict_proba") else "logistic" if len(classes) == 2 else "softmax"
    saved = {"format": "spymaster-linear", "version": 1, "model": type(linear).__name__, "link": link, "features": names}
    saved |= {"coef": coef.tolist(), "intercept": np.atleast_1d(linear.intercept_).tolist()}
    saved |= {"mean": None if scaler is None else scaler.mean_.tolist(), "scale": None if scaler is None else scaler.scale_.tolist()}
    with open(path, "w") as file:
        json.dump(saved, file)


def linear(name, model, y):
    model.fit(filled, y)
    write_linear(model, f"{folder}/{name}.json")
    x = np.nan_to_num(test)
    probabilities = {"probability": model.predict_proba(x)} if hasattr(model, "predict_proba") else {}
    if probabilities and len(np.unique(y)) == 2:
        probabilities = {"probability": probabilities["probability"][:, 1]}
    answer = model.decision_function(x) if hasattr(model, "decision_function") else model.predict(x)
    last, scaled = (model[-1], model[0].transform(x)) if hasattr(model, "steps") else (model, x)
    keep(name, f"{name}.json", x, answer, size=np.abs(scaled) @ np.abs(np.atleast_2d(last.coef_)).T, **probabilities)


linear("linear_logistic", make_pipeline(StandardScaler(), LogisticRegression()), labels)
linear("linear_three", make_pipeline(StandardScaler(), LogisticRegression()), three)
linear("linear_svm", make_pipeline(StandardScaler(), LinearSVC()), labels)
linear("linear_regression", LinearRegression(), target)

# Models that are refused, with what the refusal names.
refused = []


def refuse(name, text, booster, suffix=".txt"):
    booster.save_model(f"{folder}/{name}{suffix}")
    refused.append({"file": f"{name}{suffix}", "names": text})


def trained(params, data=None):
    return lgb.train({"verbose": -1, "objective": "binary", "num_threads": 1, **params}, data or lgb.Dataset(train, labels), 5)


category = filled.copy()
category[:, 2] = random.integers(0, 8, size=len(category))
by_category = lambda: lgb.Dataset(category, (category[:, 2] % 2 == 0).astype(int), categorical_feature=[2])
refuse("lgb_categorical", "splits on categories", trained({"min_data_per_group": 1}, by_category()))
refuse("lgb_linear", "linear trees", trained({"linear_tree": True}, lgb.Dataset(filled, labels, params={"linear_tree": True})))
refuse("lgb_dart", "DART", trained({"boosting": "dart"}))
refuse("lgb_rf", "random forests", trained({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}))


def boosted(params, y=labels, rounds=5, **more):
    return xgb.train({"objective": "binary:logistic", "nthread": 1, **params}, xgb.DMatrix(train, y), rounds, **more)


refuse("xgb_dart", "dart", boosted({"booster": "dart"}), ".json")
refuse("xgb_linear", "gblinear", boosted({"booster": "gblinear"}), ".json")
refuse("xgb_forest", "random forests", boosted({"num_parallel_tree": 3}), ".json")
two = np.column_stack([target, noise])
refuse("xgb_outputs", "several outputs", boosted({"objective": "reg:squarederror"}, two), ".json")
vector = {"objective": "reg:squarederror", "multi_strategy": "multi_output_tree"}
refuse("xgb_vector", "several outputs", boosted(vector, two), ".json")
refuse("xgb_ubj", "save it as .json", boosted({}), ".ubj")
wrong = [(xgb.DMatrix(train[:500], 1 - labels[:500]), "validation")]
refuse("xgb_stopped", "--rounds 1", boosted({}, rounds=30, evals=wrong, early_stopping_rounds=5, verbose_eval=False), ".json")

with open(f"{folder}/models.json", "w") as file:
    json.dump({"rows": rows, "features": features, "models": models, "refused": refused}, file)
