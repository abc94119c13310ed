/**
 * What the scripts of reports share: the page's data, colours of the scheme that holds, and drawing again when that
 * changes, the window does, or the page is printed. It asks for nothing.
 */
export const plotKit = `
const plotKit = (() => {
  const data = JSON.parse(document.getElementById('series').textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = (extra) => ({stroke: colour('--soft'), grid: {stroke: colour('--grid'), width: 1}, ticks: {stroke: colour('--rule'), width: 1}, font: '12px system-ui', labelFont: '12px system-ui', ...extra});
  const always = (draw) => {
    draw();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
    matchMedia('print').addEventListener('change', draw);
    let width = innerWidth;
    addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; draw(); } });
  };
  return {data, colour, axis, always};
})();
`;
