import { render } from 'preact';
import { notNull } from '../../src/errors.ts';
import '../shared/tokens.css';
import '../shared/base.css';
import 'uplot/dist/uPlot.min.css';
import { enter } from '../shared/enter.ts';
import { App } from './view/app.tsx';

await enter();
render(<App />, notNull(document.getElementById('app')));
