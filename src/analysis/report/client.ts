/** The page's script: draws the series with uPlot. */
export const client = `
(() => {
  const {data, colour, axis, always} = plotKit;
  const sync = uPlot.sync('time');
  const zone = 'America/New_York';
  let plots = [];
  const number = (digits) => (u, value) => value == null ? '–' : value.toLocaleString('en-US', {maximumFractionDigits: digits});
  const clock = (ts, seconds) => new Date(ts * 1e3).toLocaleTimeString('en-GB', {timeZone: zone, hour: '2-digit', minute: '2-digit', ...(seconds && {second: '2-digit'})});
  const spans = (u) => {
    const ctx = u.ctx;
    ctx.save();
    ctx.fillStyle = colour('--shade');
    for (const [from, to] of data.invalid) {
      const a = Math.max(u.valToPos(from, 'x', true), u.bbox.left);
      const b = Math.min(u.valToPos(to, 'x', true), u.bbox.left + u.bbox.width);
      if (b >= a) ctx.fillRect(a, u.bbox.top, Math.max(b - a, 1), u.bbox.height);
    }
    ctx.restore();
  };
  const draw = () => {
    for (const plot of plots) plot.destroy();
    plots = data.panels.map((panel) => {
      const host = document.getElementById(panel.id);
      const stroke = colour('--c' + panel.colour);
      const value = number(panel.digits);
      return new uPlot({
        width: host.clientWidth,
        height: 200,
        tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), zone),
        cursor: {sync: {key: sync.key}},
        scales: {x: {time: true}, y: {range: (u, low, high) => {
          if (low == null) return [0, 1];
          const pad = (high - low) * 0.05 || Math.abs(high) * 0.001 || 1;
          return [panel.zero && low >= 0 ? 0 : low - pad, high + pad];
        }}},
        axes: [axis({label: 'New York time', labelSize: 20, size: 32, space: 60, values: (u, splits, index, space, step) => splits.map((ts) => clock(ts, step < 60))}), axis({label: panel.unit, size: 74, labelSize: 22, space: 24, values: (u, values) => values.map((v) => value(u, v))})],
        bands: [{series: [2, 1], fill: stroke + '40'}],
        series: [
          {label: 'time', value: (u, ts) => ts == null ? '–' : clock(ts, true)},
          {label: 'highest', stroke: stroke + '70', width: 1, value, points: {show: false}},
          {label: 'lowest', stroke: stroke + '70', width: 1, value, points: {show: false}},
          {label: 'mean', stroke, width: 1.6, value, points: {show: false}},
        ],
        hooks: {drawClear: [spans]},
      }, [data.times, panel.max, panel.min, panel.mean], host);
    });
  };
  always(draw);
})();
`;
