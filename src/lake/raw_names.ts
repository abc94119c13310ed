/** A dataset's code as file names spell it: `GLBX.MDP3` as `glbx-mdp3`. */
export function venueInName(dataset: string): string {
  return dataset.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** A symbol as file names spell it: what would be no part of a name in every file system is `_`. */
export function symbolInName(symbol: string): string {
  return symbol.replaceAll(/[^\w.=+-]+/g, '_');
}
