import type { Terminal } from '../../web/vacuum-pressure/playback/terminal.ts';

/** The page's global names that its benchmark uses. */
interface Source {
  terminal: Terminal;
  takeBin: (seq: number) => void;
}

/**
 * Runs in the page: lets every bin come with its book, events and features, and shows all of them at once, everything else too. The names
 * are those of the page's settings and messages.
 */
export function showEverything([overlayNames, panelNames, featureNames]: readonly (readonly string[])[]): void {
  const globals = globalThis as unknown as Source;
  const { terminal, takeBin } = globals;
  const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, true])) as never;
  terminal.settings.change({ overlays: all(overlayNames!), panels: all(panelNames!), volumeProfile: true });
  type Playback = typeof terminal.playback;
  type Messages = { [Name in 'depth' | 'events' | 'features']: Parameters<Playback[Name]>[0] };
  const levels = 500;
  const sideOf = (best: number, step: 1 | -1): Messages['depth']['bids'] => ({
    ticks: Float64Array.from({ length: levels }, (_, i) => best + i * step),
    sizes: Float64Array.from({ length: levels }, (_, i) => 10 + ((i * 7) % 60)),
    orders: Float64Array.from({ length: 200 }, (_, i) => 1 + (i % 20)),
    largest: Float64Array.from({ length: 200 }, (_, i) => 1 + (i % 9)),
  });
  const kinds = ['trade', 'trade', 'trade', 'large_order', 'sweep', 'iceberg', 'absorption', 'fast_pull'] as const;
  let [bought, sold] = [0, 0];
  const profile = new Map<number, [price: number, bought: number, sold: number, unsided: number]>();
  globals.takeBin = (seq) => {
    takeBin(seq);
    const store = terminal.data.session!.store;
    const tick = store.bin('bidTick', seq);
    const price = tick * 0.25;
    const [buys, sells] = [seq % 5, (seq * 3) % 7];
    const amounts = Float64Array.from({ length: 14 }, (_, i) => (i * seq) % 9);
    terminal.playback.depth({
      ...{ seq, bids: sideOf(tick, -1), asks: sideOf(tick + 1, 1), tradeCount: 2, firstTradeTick: tick },
      ...{ activity: { ticks: Float64Array.of(tick, tick + 1), amounts }, lastTradeTick: tick + 1 },
    });
    const kind = kinds[seq % kinds.length]!;
    const ts_ns = String(1_770_387_900_000_000_000n + BigInt(seq) * 100_000_000n);
    const event = { ts_ns, start_ns: ts_ns, kind, side: seq % 2 === 0 ? 'bid' : 'ask', size: 1 + (seq % 40) } as const;
    const more = { levels: 1, event: seq, update: 0, order_ids: [], sequences: [], detail: {} };
    const events = [{ ...event, ...more, price_int: String(tick * 250_000_000) }];
    terminal.playback.events({ type: 'order_events', bin_seq: seq, events });
    bought += buys;
    sold += sells;
    const [, b, s] = profile.get(price) ?? [price, 0, 0, 0];
    profile.set(price, [price, b + buys, s + sells, 0]);
    const known = {
      ...{ cvd: bought - sold, delta: buys - sells, vwap: price - 2, vwap_deviation: 1.5, since_volume: bought + sold },
      ...{ day_high: price + 9, day_low: price - 9, point_of_control: price, value_area_low: price - 3 },
      ...{ value_area_high: price + 3, initial_balance_high: price + 5, initial_balance_low: price - 5 },
    };
    const values = { ...Object.fromEntries(featureNames!.map((name) => [name, null])), ...known };
    terminal.playback.features({
      ...{ type: 'features', bin_seq: seq, since_ns: ts_ns, traded: [[price, buys, sells, 0]] },
      values: values as Messages['features']['values'],
      ...(seq % 16 === 0 && { profile: [...profile.values()] }),
    });
  };
}
