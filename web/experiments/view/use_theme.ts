import { useCallback, useState } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { applyTheme } from '../../shared/theme.ts';

const themeKey = 'spymaster.experiments.theme';

/** The theme, dark or light, which outlives the visit; and a function that changes it. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const stored = localStorage.getItem(themeKey);
    if (stored === 'dark' || stored === 'light') return stored;
    return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  });
  applyTheme(document.documentElement, theme);
  const toggle = useCallback(() => {
    const next = theme === 'dark' ? 'light' : 'dark';
    localStorage.setItem(themeKey, next);
    setTheme(next);
  }, [theme]);
  return [theme, toggle];
}
