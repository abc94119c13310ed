import { errorCode, maxRecordBytes, rtype, systemCode, tsOutBytes } from '../../dbn/index.ts';
import { encodeErrorMessage, encodeHeartbeat, encodeSystemMessage } from './control_records.ts';
import type { MarketClock } from './gateway_clock.ts';
import { type FaultAction, garbageBytes, type SessionFaults, unknownRecord } from './gateway_faults.ts';
import type { GatewayFiles } from './gateway_file.ts';
import type { GatewayOutput } from './gateway_output.ts';
import { endsSession } from './protocol.ts';

/** How far a reader that asked for `skip` may lag behind: 10 s of the market, nanoseconds. */
const maxLagRel = 10e9;

/** Records of market data that lie one behind the other. */
export interface Run {
  readonly rtype: number;
  readonly recordBytes: number;
  /** Whole records; they are copied. */
  readonly bytes: Uint8Array;
  /** Whether each of them ends in a send time. */
  readonly tsOut: boolean;
  /** Time of one of them, nanoseconds from the clock's base. */
  readonly relAt: (index: number) => number;
}

export interface SenderOptions {
  readonly files: GatewayFiles;
  readonly clock: MarketClock;
  readonly output: GatewayOutput;
  readonly faults: SessionFaults;
  readonly tsOut: boolean;
  /** Whether a slow reader loses records of other schemas than MBO, rather than being warned alone. */
  readonly skipsSlow: boolean;
  /** Milliseconds that a write may wait for its reader before the reader counts as slow. */
  readonly slowReaderMs: number;
}

/** Sends messages and records in the session's form, and does what its faults say. */
export class GatewaySender {
  readonly #options: SenderOptions;
  readonly #output: GatewayOutput;
  readonly #clock: MarketClock;
  readonly #faults: (FaultAction & { readonly after: number })[];
  /** Records of market data so far, sent or left out on purpose. */
  #records = 0;
  /** Records that are to be left out, or sent twice. */
  #toOmit = 0;
  #toDuplicate = 0;
  #replayLacks: number;
  #isSlow = false;
  #skipped = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#output = options.output;
    this.#clock = options.clock;
    this.#faults = [...(options.faults.at ?? [])];
    this.#replayLacks = options.faults.replayLacks ?? 0;
  }

  async system(code: number, text: string): Promise<void> {
    await this.#output.write(encodeSystemMessage(code, text, this.#header(this.#clock.rel)));
  }

  /** A heartbeat of a time, nanoseconds from the clock's base. */
  async heartbeat(rel: number): Promise<void> {
    await this.#tellSkipped();
    await this.#output.write(encodeHeartbeat(this.#header(rel)));
  }

  /** Sends an error message. Throws SessionOver where its code ends the session. */
  async error(code: number, text: string): Promise<void> {
    await this.#output.write(encodeErrorMessage(code, text, this.#header(this.#clock.rel)));
    if (endsSession(code)) await this.#output.end();
  }

  /** A message in whole bytes, made elsewhere. */
  async message(encode: (options: ReturnType<GatewaySender['header']>) => Uint8Array): Promise<void> {
    await this.#output.write(encode(this.header()));
  }

  /** Version and time of a message of now. */
  header() {
    return this.#header(this.#clock.rel);
  }

  /** The replay is over: what it lacks is of it alone. */
  endReplay(): void {
    this.#replayLacks = 0;
  }

  /** Does what is due before any further record, or behind the last one. */
  async settle(): Promise<void> {
    await this.#tellSkipped();
    while (this.#faults[0]?.after === this.#records) {
      const fault = this.#faults.shift();
      if (fault !== undefined) await this.#act(fault, null);
    }
  }

  /**
   * Sends records.
   * @param onSent told after each part how many of them are sent, or left out, so far
   */
  async send(run: Run, onSent?: (count: number) => void): Promise<void> {
    if (await this.#isSkipped(run)) return;
    const { recordBytes, bytes } = run;
    const count = bytes.length / recordBytes;
    for (let from = 0; from < count; ) {
      while (this.#faults[0]?.after === this.#records) {
        const fault = this.#faults.shift();
        if (fault !== undefined) await this.#act(fault, bytes.subarray(from * recordBytes, (from + 1) * recordBytes));
      }
      const untilFault = (this.#faults[0]?.after ?? Number.POSITIVE_INFINITY) - this.#records;
      let to = Math.min(count, from + untilFault);
      const lacking = Math.min(to - from, this.#toOmit + this.#replayLacks);
      if (lacking > 0) {
        to = from + lacking;
        const ofReplay = Math.min(lacking, this.#replayLacks);
        this.#replayLacks -= ofReplay;
        this.#toOmit -= lacking - ofReplay;
      } else {
        if (this.#toDuplicate > 0) to = from + 1;
        const part = this.#inForm(run, from, to);
        await this.#output.write(part);
        if (this.#toDuplicate > 0) {
          this.#toDuplicate--;
          await this.#output.write(part);
        }
      }
      this.#records += to - from;
      from = to;
      onSent?.(from);
    }
    await this.#noteWait();
  }

  #header(rel: number) {
    const tsNs = this.#clock.ns(rel);
    return { version: this.#options.files.version, tsNs, ...(this.#options.tsOut && { tsOutNs: tsNs }) };
  }

  /** A copy of the records with a send time, or without, as the session has them: the time of now, at full speed the record's own. */
  #inForm({ recordBytes, bytes, tsOut: hasTsOut, relAt }: Run, from: number, to: number): Uint8Array {
    const { tsOut: wantsTsOut } = this.#options;
    const part = bytes.subarray(from * recordBytes, to * recordBytes);
    if (hasTsOut === wantsTsOut) return new Uint8Array(part);
    const ownBytes = recordBytes - (hasTsOut ? tsOutBytes : 0);
    const outBytes = Math.min(maxRecordBytes, ownBytes + (wantsTsOut ? tsOutBytes : 0));
    const out = new Uint8Array((to - from) * outBytes);
    const view = new DataView(out.buffer);
    const nowRel = this.#clock.rel;
    for (let index = 0; index < to - from; index++) {
      const at = index * outBytes;
      out.set(part.subarray(index * recordBytes, index * recordBytes + ownBytes), at);
      out[at] = outBytes / 4;
      if (!wantsTsOut) continue;
      view.setBigUint64(at + ownBytes, this.#clock.ns(Math.max(nowRel, relAt(from + index))), true);
    }
    return out;
  }

  /** Warns a reader that made a write wait for long; at full speed it is the reader that sets the pace. */
  async #noteWait(): Promise<void> {
    if (!this.#clock.isPaced || this.#output.waitedMs < this.#options.slowReaderMs) return;
    if (!this.#isSlow) await this.system(systemCode.slowReaderWarning, 'Slow reader: records wait at the gateway');
    this.#isSlow = true;
  }

  /** Whether records are left out for a reader that is slow and asked for it; then it is told how many. */
  async #isSkipped({ rtype: type, recordBytes, bytes, relAt }: Run): Promise<boolean> {
    if (!this.#isSlow) return false;
    const isBehind = this.#clock.rel - relAt(0) > maxLagRel;
    if (isBehind && this.#options.skipsSlow && type !== rtype.mbo) {
      this.#skipped += bytes.length / recordBytes;
      return true;
    }
    await this.#tellSkipped();
    if (!isBehind) this.#isSlow = false;
    return false;
  }

  /** Tells the reader how many records it lost since it was told last. */
  async #tellSkipped(): Promise<void> {
    const skipped = this.#skipped;
    if (skipped === 0) return;
    this.#skipped = 0;
    await this.error(errorCode.skippedRecords, `Skipped ${skipped} records for a slow reader`);
  }

  async #act(fault: FaultAction, next: Uint8Array | null): Promise<void> {
    switch (fault.do) {
      case 'drop':
        if (next !== null && fault.bytes !== undefined) await this.#output.write(next.slice(0, fault.bytes));
        return this.#output.drop();
      case 'close':
        return this.#output.end();
      case 'silence':
        for (;;) await this.#output.sleep(60_000);
      case 'garbage':
        return this.#output.write(garbageBytes);
      case 'unknown_record':
        return this.#output.write(unknownRecord(this.#clock.nowNs));
      case 'slow_reader_warning':
        return this.system(systemCode.slowReaderWarning, 'Slow reader: records wait at the gateway');
      case 'error':
        return this.error(fault.code, `Error ${fault.code} on purpose`);
      case 'omit':
        this.#toOmit += fault.records;
        return;
      case 'duplicate':
        this.#toDuplicate += fault.records;
    }
  }
}
