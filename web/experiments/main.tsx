import { render } from 'preact';
import '../shared/base.css';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { enter } from '../shared/enter.ts';
import { App } from './view/app.tsx';

await enter();
render(<App />, document.getElementById('app')!);
