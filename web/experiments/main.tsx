import { render } from 'preact';
import '../shared/base.css';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { App } from './view/app.tsx';

render(<App />, document.getElementById('app')!);
