/** The page's script: draws the curves, the bars and the strip, and reads out what is pointed at. */
export const client = `
(() => {
  const {data, colour, axis, always} = plotKit;
  const text = (value, digits, plus) => {
    if (value == null) return '–';
    const shown = Math.abs(value).toFixed(digits);
    const [whole, part] = shown.split('.');
    const grouped = whole.replace(/\\B(?=(\\d{3})+$)/g, '\\u202f') + (part === undefined ? '' : '.' + part);
    return (Number(shown) === 0 ? '' : value < 0 ? '−' : plus ? '+' : '') + grouped;
  };
  const ticks = (u, value) => text(value, 2, true);
  let plots = [];
  const plot = (id, dates, series, values, more) => {
    const host = document.getElementById(id);
    if (host === null) return;
    plots.push(new uPlot({
      width: host.clientWidth,
      height: 260,
      scales: {x: {time: false, range: (u, low, high) => [low - 0.5, high + 0.5]}, y: {range: (u, low, high) => {
        const [from, to] = [Math.min(low ?? 0, 0), Math.max(high ?? 0, 0)];
        const pad = (to - from) * 0.06 || 1;
        return [from < 0 ? from - pad : 0, to > 0 ? to + pad : 0];
      }}},
      axes: [
        axis({size: 32, space: 76, incrs: [1, 2, 5, 10, 20, 50, 100], values: (u, splits) => splits.map((at) => dates[at] ?? '')}),
        axis({label: 'ticks', size: 74, labelSize: 22, values: (u, splits) => splits.map((value) => text(value, splits.every(Number.isInteger) ? 0 : 1))}),
      ],
      series: [{label: 'session', value: (u, at) => at == null ? '–' : dates[at]}, ...series],
      hooks: {draw: [(u) => {
        const y = Math.round(u.valToPos(0, 'y', true));
        u.ctx.fillStyle = colour('--ink');
        u.ctx.fillRect(u.bbox.left, y, u.bbox.width, 1);
      }]},
      ...more,
    }, [dates.map((_, at) => at), ...values], host));
  };
  const line = (label, stroke, more) => ({label, stroke, width: 2, value: ticks, points: {show: false}, ...more});
  const drawPlots = () => {
    for (const one of plots) one.destroy();
    plots = [];
    if (data.equity !== null) {
      const {dates, walkForward, low, high, inSample} = data.equity;
      const own = colour('--ink');
      const isTested = walkForward.some((value) => value !== null);
      const hasInterval = high.some((value) => value !== null);
      const bounds = hasInterval ? [line('upper end', own + '70', {width: 1}), line('lower end', own + '70', {width: 1})] : [];
      plot('equity', dates, [
        ...bounds,
        ...(isTested ? [line('walk-forward', own, {width: 2.4})] : []),
        line('in sample', colour('--soft'), {dash: [6, 4], width: 1.6}),
      ], [...(hasInterval ? [high, low] : []), ...(isTested ? [walkForward] : []), inSample], hasInterval ? {bands: [{series: [1, 2], fill: own + '2e'}]} : {});
    }
    if (data.days !== null) {
      const {dates, net, signals} = data.days;
      const [gain, loss] = [colour('--gain'), colour('--loss')];
      const fills = net.map((value) => (value ?? 0) < 0 ? loss : gain);
      const bars = uPlot.paths.bars({size: [0.8, 48], disp: {fill: {unit: 3, values: () => fills}, stroke: {unit: 3, values: () => fills}}});
      plot('days', dates, [
        {label: 'net', value: ticks, paths: bars, points: {show: false}, width: 0, fill: gain, stroke: gain},
        {label: 'trades', scale: 'n', value: (u, value) => text(value, 0), paths: () => null, points: {show: false}, stroke: 'transparent'},
      ], [net, signals], {});
    }
  };
  const strip = data.strip;
  const host = document.getElementById('strip');
  const canvas = host.appendChild(document.createElement('canvas'));
  const mark = host.appendChild(document.createElement('i'));
  const readout = document.getElementById('strip-cell');
  const [rows, columns, gutter, foot] = [strip.trials.length, strip.dates.length, 44, 22];
  const rowHeight = Math.min(18, Math.max(2, Math.floor(640 / Math.max(rows, 1))));
  mark.hidden = true;
  document.getElementById('scale-low').textContent = text(-strip.limit, 0);
  document.getElementById('scale-high').textContent = text(strip.limit, 0, true) + ' ticks a session';
  const columnWidth = () => (host.clientWidth - gutter) / Math.max(columns, 1);
  const drawStrip = () => {
    const scale = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [host.clientWidth, rows * rowHeight + foot];
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.style.height = height + 'px';
    const ctx = canvas.getContext('2d');
    ctx.scale(scale, scale);
    const [gain, loss, none] = [colour('--gain'), colour('--loss'), colour('--grid')];
    const step = columnWidth();
    const gap = step > 6 && rowHeight > 6 ? 1 : 0;
    strip.trials.forEach(({net}, row) => net.forEach((value, column) => {
      ctx.globalAlpha = value === null ? 1 : Math.min(1, Math.abs(value) / strip.limit);
      ctx.fillStyle = value === null ? none : value < 0 ? loss : gain;
      const x = gutter + Math.floor(column * step);
      ctx.fillRect(x, row * rowHeight, gutter + Math.floor((column + 1) * step) - x - gap, rowHeight - gap);
    }));
    ctx.globalAlpha = 1;
    ctx.fillStyle = colour('--soft');
    ctx.font = '12px system-ui';
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'right';
    const every = [1, 2, 5, 10, 20, 50, 100].find((count) => count * rowHeight >= 16);
    for (let row = every - 1; row < rows; row += every) ctx.fillText(row + 1, gutter - 8, (row + 0.5) * rowHeight);
    ctx.textBaseline = 'alphabetic';
    ctx.textAlign = 'left';
    const apart = Math.max(1, Math.ceil(84 / step));
    for (let column = 0; column < columns; column += apart) {
      const x = gutter + column * step;
      if (x + 70 <= width) ctx.fillText(strip.dates[column], x, height - 4);
    }
    mark.hidden = true;
  };
  let at = null;
  const show = (row, column) => {
    if (!(row >= 0 && row < rows && column >= 0 && column < columns)) return;
    at = [row, column];
    const {name, net, signals} = strip.trials[row];
    const [value, count] = [net[column], signals[column]];
    const each = value === null || !count ? '' : ' (' + text(value / count, 2, true) + ' a trade)';
    readout.textContent = '#' + (row + 1) + ' ' + name + ' · ' + strip.dates[column] + ': ' + (value === null ? 'did not run' : text(value, 2, true) + ' ticks in ' + text(count, 0) + (count === 1 ? ' trade' : ' trades') + each);
    const step = columnWidth();
    mark.hidden = false;
    Object.assign(mark.style, {left: gutter + column * step - 1 + 'px', top: row * rowHeight - 1 + 'px', width: Math.max(step, 4) + 2 + 'px', height: Math.max(rowHeight, 4) + 2 + 'px'});
  };
  host.addEventListener('pointermove', (event) => {
    const box = canvas.getBoundingClientRect();
    show(Math.floor((event.clientY - box.top) / rowHeight), Math.floor((event.clientX - box.left - gutter) / columnWidth()));
  });
  host.addEventListener('keydown', (event) => {
    const move = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
    if (move === undefined) return;
    event.preventDefault();
    if (at === null) show(0, 0);
    else show(at[0] + move[0], at[1] + move[1]);
  });
  always(() => { drawPlots(); drawStrip(); });
})();
`;
