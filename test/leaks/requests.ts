import type { Request } from './clients.ts';
import { longServing, shortServing } from './lake.ts';

const streamOf = (serving: string) => `/v1/vacuum-pressure/stream?serving=${serving}`;
const speed = (value: number | 'max') => ({ type: 'control', action: 'speed', speed: value });
const seek = (bin: number) => ({ type: 'control', action: 'seek', bin_seq: bin });

/** A request of every kind that the server answers or refuses; `run` is one that has results at `threshold`. */
export function everyRequest(run: string, threshold: number): readonly Request[] {
  const rest = (path: string, headers: Record<string, string> = {}): Request => ({ path, headers });
  const stream = (serving: string, controls: readonly object[], enoughBytes: number): Request => ({
    path: streamOf(serving),
    controls,
    enoughBytes,
  });
  return [
    stream(shortServing, [speed('max')], 2_000_000),
    stream(shortServing, [], 100_000),
    stream(shortServing, [seek(900), speed(100), seek(10), speed('max')], 500_000),
    stream(longServing, [seek(3000)], 100_000),
    stream(shortServing, [{ type: 'nonsense' }], 50_000),
    stream('nobody', [], 1),
    rest(streamOf(shortServing)),
    { path: '/v1/experiments/events', enoughBytes: 1 },
    rest('/v1/experiments/table'),
    rest('/v1/experiments/table', { 'accept-encoding': 'gzip' }),
    rest('/v1/experiments/runs?top_n=100'),
    rest(`/v1/experiments/runs/${run}/detail`),
    rest(`/v1/experiments/runs/${run}/outcomes?threshold=${threshold}`),
    rest('/v1/experiments/runs/nobody/outcomes?threshold=1'),
    rest(`/v1/servings/${shortServing}/overview`),
    rest(`/v1/servings/${longServing}/overview`),
    rest('/docs/json'),
    rest('/docs/static/swagger-ui-bundle.js'),
    rest('/vacuum-pressure.html'),
    rest('/ready'),
    rest('/metrics'),
    rest('/health', { host: 'elsewhere.example' }),
    { path: streamOf(shortServing), controls: [], headers: { origin: 'http://elsewhere.example' } },
    rest('/nothing'),
  ];
}
