import { render } from 'preact';
import { notNull } from '../../src/errors.ts';
import '../shared/tokens.css';
import '../shared/base.css';
import { enter } from '../shared/enter.ts';
import { applyTheme } from '../shared/theme.ts';
import { Start } from './start.tsx';

applyTheme(document.documentElement, matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');
await enter();
render(<Start />, notNull(document.getElementById('app')));
