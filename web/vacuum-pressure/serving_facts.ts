import type { Outcomes, RunOrders, ServingInfo } from '../../src/wire/index.ts';
import { ApiError, ask } from '../shared/ask.ts';
import type { Terminal } from './playback/terminal.ts';
import { sessionTrades, type TradeLink, tradeIndex } from './session/session_trades.ts';

/**
 * Asks the server what is known of each stream that the terminal opens, and for the trade that `link` names, which is then drawn.
 * `hasMoment`: the address names the time as well, so the stream is there already.
 */
export function followFacts(terminal: Terminal, link: TradeLink | null, hasMoment: boolean): void {
  let wanted = link;
  let abort = new AbortController();
  terminal.topics.on(['session'], () => {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    void loadFacts(terminal, wanted, hasMoment, signal).catch((error: unknown) => {
      // That the connection broke, the stream tells.
      if (signal.aborted || (error instanceof ApiError && error.code === 'UNREACHABLE')) return;
      const message = error instanceof Error ? error.message : String(error);
      if (terminal.facts.info === null) terminal.facts.setInfo(null, message);
      else terminal.notices.say(`The trade of the link is missing: ${message}`);
    });
    // A session that opens again after a change of its run is another.
    wanted = null;
  });
}

async function loadFacts(
  terminal: Terminal,
  link: TradeLink | null,
  hasMoment: boolean,
  signal: AbortSignal,
): Promise<void> {
  terminal.facts.setTrades([]);
  terminal.facts.setOrders(null);
  terminal.facts.setInfo(null);
  const config = terminal.data.session?.contract.config;
  if (config === undefined) return;
  // Of a session that is being recorded there are no results; what is known is known of the version.
  const name = config.live === true ? config.serving.serving_name : config.serving.serving_id;
  const info = await ask<ServingInfo>(`/v1/servings/${encodeURIComponent(name)}`, { signal });
  terminal.facts.setInfo(info);
  const orders = config.live === true ? null : loadOrders(terminal, info, signal);
  if (link === null) {
    await orders;
    return;
  }
  if (info.threshold === null) throw new Error('nothing says at which threshold its run was evaluated');
  const query = new URLSearchParams({ threshold: String(info.threshold), session: info.session });
  const run = encodeURIComponent(info.source.run_id);
  const trades = sessionTrades(await ask<Outcomes>(`/v1/experiments/runs/${run}/outcomes?${query}`, { signal }));
  const index = tradeIndex(trades, link);
  if (index < 0) throw new Error(trades.length === 0 ? 'the session has no trades' : 'the session has no such trade');
  await orders;
  terminal.facts.setTrades(trades);
  terminal.facts.showTrade(index);
  if (!hasMoment) await whenPlaced(terminal, signal).then(() => terminal.showTrade(index));
}

/** The orders that the stream's run sent to the real book at its threshold. */
async function loadOrders({ facts }: Terminal, info: ServingInfo, signal: AbortSignal): Promise<void> {
  if (info.threshold === null) return;
  const query = new URLSearchParams({ threshold: String(info.threshold), session: info.session });
  const run = encodeURIComponent(info.source.run_id);
  try {
    const orders = await ask<RunOrders>(`/v1/experiments/runs/${run}/orders?${query}`, { signal });
    if (orders.executed !== null) facts.setOrders(orders);
  } catch (error) {
    // A published stream outlives the results of its run.
    if (!(error instanceof ApiError && error.code === 'RUN_UNKNOWN')) throw error;
  }
}

/** Resolves once the session's place in time is known. */
function whenPlaced({ data, topics }: Terminal, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = topics.on(['bin', 'overview'], () => look());
    const look = () => {
      if (Number.isNaN(data.timeOf(0)) && !signal.aborted) return;
      stop();
      resolve();
    };
    look();
  });
}
