/** The page's script: asks for the state whenever the server says that there is a new one, and draws it where the reader looks. */
export const watchClient = `
(() => {
  const {colour, axis, always} = plotKit;
  const [state, error] = ['state', 'error'].map((id) => document.getElementById(id));
  let shown = null;
  let plots = [];
  let view = null;
  const clock = (ms) => {
    const parts = [Math.floor(ms / 3600000) % 24, Math.floor(ms / 60000) % 60, Math.floor(ms / 1000) % 60];
    return parts.map((part) => String(part).padStart(2, '0')).join(':');
  };
  const timeOf = (bin) => clock(shown.start_ms + bin * shown.cell_ms);
  const plot = (id, height, series, values, more = {}) => {
    const host = document.getElementById(id);
    const bins = shown.run.scores.length;
    const one = new uPlot({
      width: host.clientWidth,
      height,
      cursor: {sync: {key: 'watch'}, drag: {x: true, y: false}},
      scales: {x: {time: false, ...(view === null ? {} : {min: view[0], max: view[1]})}},
      axes: [axis({size: 32, space: 90, incrs: [1, 2, 5, 10, 50, 100, 300, 600, 3000, 6000, 18000, 36000], values: (u, splits) => splits.map(timeOf)}), axis({size: 74})],
      series: [{label: 'bin', value: (u, at) => at == null ? '–' : at + ' · ' + timeOf(at)}, ...series],
      hooks: {setScale: [(u, key) => {
        if (key !== 'x') return;
        const {min, max} = u.scales.x;
        view = min <= 0 && max >= bins - 1 ? null : [min, max];
        for (const other of plots) if (other !== u && (other.scales.x.min !== min || other.scales.x.max !== max)) other.setScale('x', {min, max});
      }], ...more.hooks},
    }, [Array.from({length: bins}, (_, at) => at), ...values], host);
    plots.push(one);
    host.dataset.save = shown.save;
  };
  const draw = () => {
    if (shown === null || shown.run === null) return;
    const kept = view;
    for (const one of plots) one.destroy();
    plots = [];
    view = kept;
    const {mids, scores, thresholds, firings, series} = shown.run;
    const marks = (u) => {
      firings.bins.forEach((bin, at) => {
        if (bin < u.scales.x.min || bin > u.scales.x.max || mids[bin] === null) return;
        const [x, y] = [u.valToPos(bin, 'x', true), u.valToPos(mids[bin], 'y', true)];
        const side = firings.sides[at];
        const size = 6 * devicePixelRatio;
        u.ctx.fillStyle = colour(side > 0 ? '--gain' : '--loss');
        u.ctx.beginPath();
        u.ctx.moveTo(x, y + side * size * 0.6);
        u.ctx.lineTo(x - size, y + side * size * 2.2);
        u.ctx.lineTo(x + size, y + side * size * 2.2);
        u.ctx.fill();
      });
    };
    const line = (label, stroke, more) => ({label, stroke: colour(stroke), width: 1.5, points: {show: false}, ...more});
    plot('price', 300, [line('mid', '--ink', {})], [mids], {hooks: {draw: [marks]}});
    const bound = scores.map((_, at) => thresholds.length === 1 ? thresholds[0] : thresholds[at]);
    plot('score', 260, [line('score', '--note', {}), line('threshold', '--soft', {dash: [5, 4], width: 1}), line('− threshold', '--soft', {dash: [5, 4], width: 1})],
      [scores, bound, bound.map((value) => value === null ? null : -value)]);
    if (series.length > 0) plot('own', 200, series.map(({name}, at) => line(name, '--c' + (at + 1), {})), series.map(({values}) => values));
  };
  const tell = () => {
    error.hidden = shown.error === null;
    error.textContent = shown.error === null ? '' : shown.error + (shown.run === null ? '' : '\\n\\nBelow is the last run that worked.');
    const {run} = shown;
    if (run === null) { state.textContent = 'No run has worked yet.'; return; }
    const kind = run.threshold.kind === 'score' ? 'threshold ' + run.threshold.value : 'percentile ' + run.threshold.value;
    state.textContent = 'Source ' + run.source_hash.slice(0, 12) + ' · ' + run.scores.length + ' bins in ' + (run.took_ms / 1000).toFixed(1) + ' s · ' + run.firings.bins.length + ' firings at ' + kind + ' · first score at bin ' + (run.warm_up_bins ?? '–') + ' · at ' + shown.ran_at_utc.slice(11, 19) + ' UTC';
  };
  const ask = async () => {
    shown = await (await fetch('state')).json();
    tell();
    draw();
  };
  const events = new EventSource('events');
  events.addEventListener('state', ask);
  events.addEventListener('error', () => { state.textContent = 'The watch has ended; start it again to follow the file.'; });
  always(draw);
})();
`;
