"""Reads cases as JSON from standard input, answers with what scipy and statsmodels compute for each."""

import json
import sys

import numpy as np
import scipy.stats as st
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint


def cluster_mean(case):
    """Regression on a constant over single trades, with the clustered covariance of statsmodels, corrected by G/(G - 1)."""
    y = np.array([pnl for cluster in case["trades"] for pnl in cluster], float)
    groups = np.array([g for g, cluster in enumerate(case["trades"]) for _ in cluster])
    fit = sm.OLS(y, np.ones((len(y), 1))).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    clusters = len(set(groups.tolist()))
    return [float(fit.params[0]), float(fit.bse[0] ** 2 * clusters / (clusters - 1))]


def main():
    cases = json.load(sys.stdin)
    power = TTestPower()
    json.dump(
        {
            "survival": [float(st.t.sf(t, df)) for t, df in cases["survival"]],
            "quantile": [float(st.t.ppf(p, df)) for p, df in cases["quantile"]],
            "noncentral": [float(st.nct.cdf(t, df, delta)) for t, df, delta in cases["noncentral"]],
            "wilson": [list(map(float, proportion_confint(k, n, method="wilson"))) for k, n in cases["wilson"]],
            "bh": [multipletests(p, method="fdr_bh")[1].tolist() for p in cases["bh"]],
            "cluster": [cluster_mean(case) for case in cases["cluster"]],
            "sign": [
                float(st.binomtest(k, n, alternative="greater").pvalue) for k, n in cases["sign"]
            ],
            "power": [
                float(power.power(shift / np.sqrt(df + 1), nobs=df + 1, alpha=0.025, alternative="larger"))
                for df, shift in cases["power"]
            ],
        },
        sys.stdout,
    )


main()
