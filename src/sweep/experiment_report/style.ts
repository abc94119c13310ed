/** What an experiment's report has beside the style of all reports. */
export const style = `
.headline{font-size:26px;font-weight:650;margin:0 0 6px;max-width:none}.headline::first-letter{text-transform:uppercase}
.deciding{font-size:17px}.verdict p{max-width:100ch}
.tag{font-size:13px;font-weight:650;color:var(--warning);border:1px solid var(--warning);border-radius:4px;padding:1px 6px;vertical-align:middle}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(720px,100%),1fr));gap:0 18px;margin:14px 0 0}.pair>*{min-width:0}
.trials tr.muted,.trials tr.muted th{font-style:normal}
.trials .whisker{stroke:var(--ink)}.trials circle{fill:var(--ink)}.trials tr.muted .whisker{stroke:var(--faint)}.trials tr.muted circle{fill:var(--faint)}
code{white-space:nowrap}.feeds td{white-space:normal}
svg.mark{display:block;margin-top:3px}
.strip{position:relative;cursor:crosshair}.strip:focus-visible{outline:2px solid var(--note);outline-offset:2px}.strip canvas{display:block;width:100%}
.strip i{position:absolute;border:2px solid var(--ink);pointer-events:none;box-sizing:border-box}
.readout{font-variant-numeric:tabular-nums;min-height:1.5em;max-width:none}
.scale{display:flex;align-items:center;gap:10px;color:var(--soft);font-size:13px}
.scale i{width:180px;height:12px;background:linear-gradient(to right,var(--loss),var(--card),var(--gain));border:1px solid var(--rule)}
`;
