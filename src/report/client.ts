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
  for (const table of document.querySelectorAll('table.sortable')) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => head.firstElementChild.addEventListener('click', () => {
      const down = head.ariaSort === 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.ariaSort = down ? 'descending' : 'ascending';
      const key = (row) => JSON.parse(row.cells[at].dataset.key);
      const compare = (a, b) => a === null || b === null ? (a === null) - (b === null) : (down ? -1 : 1) * (a < b ? -1 : a > b ? 1 : 0);
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => compare(key(a), key(b))));
    }));
  }
  return {data, colour, axis, always};
})();
`;
