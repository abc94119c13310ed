import { Lake, SweepProgressFile } from '../../src/lake/index.ts';

/* A process with a sweep that runs in the lake of `LAKE` until it is killed. */

const lake = new Lake(process.env.LAKE ?? '');
const sweep = { sweep_id: 'told', experiment_name: 'told', signal_name: 'ads' };
await SweepProgressFile.start(lake, sweep, { now: () => new Date(), onCancel: () => process.exit(0) });
process.send?.('started');
setInterval(() => {}, 1000);
